using System.Text;
using System.Text.Json;
using Gateway.Telemetry;

namespace Gateway.UnitTests.Telemetry;

public sealed class AccessLogTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Write_FromManyThreads_EveryLineComesOutWholeAndOnce()
    {
        var output = new Output();
        using var log = new AccessLog(new AccessLogOptions(), output);
        await log.StartAsync(Cancelled);

        Parallel.For(0, 20_000, i => log.Write(Record($"/{i}")));
        await output.FirstWrite.WaitAsync(Cancelled);
        await log.StopAsync(Cancelled);

        var paths = output.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("path").GetString());
        Assert.Equal(Enumerable.Range(0, 20_000).Select(i => $"/{i}").Order(StringComparer.Ordinal), paths.Order(StringComparer.Ordinal));
        Assert.Equal(0, Dropped(log));
    }

    [Fact]
    public void Write_WhileNobodyTakesTheLines_DropsCountsAndHoldsNobody()
    {
        using var log = new AccessLog(new AccessLogOptions(), Stream.Null); // not started: as if output had stalled
        var record = Record("/" + new string('+', 1000)); // 6 kB when escaped

        for (var i = 0; i < 100_000; i++) log.Write(record);

        Assert.InRange(Dropped(log), 50_000, 99_999);
    }

    [Fact]
    public async Task Write_AnEndlessPath_IsCut()
    {
        var output = new Output();
        using var log = new AccessLog(new AccessLogOptions(), output);
        await log.StartAsync(Cancelled);

        log.Write(Record("/" + new string('+', 8000)));
        await output.FirstWrite.WaitAsync(Cancelled);
        await log.StopAsync(Cancelled);

        Assert.Equal("/" + new string('+', 1023) + "…", JsonDocument.Parse(output.Text).RootElement.GetProperty("path").GetString());
    }

    [Fact]
    public void Write_WhenItsBufferHasRoom_AllocatesNothing()
    {
        using var log = new AccessLog(new AccessLogOptions(), Stream.Null);
        var record = Record("/hello");
        var least = long.MaxValue;
        for (var round = 0; round < 20; round++) // in some of them a buffer grows, never in all
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 500; i++) log.Write(record);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    [Fact]
    public async Task Write_WhenOutputFails_CountsTheLinesAndGoesOn()
    {
        var output = new Output { Fails = true };
        using var log = new AccessLog(new AccessLogOptions(), output);
        await log.StartAsync(Cancelled);
        log.Write(Record("/lost"));
        await output.FirstWrite.WaitAsync(Cancelled);

        output.Fails = false;
        log.Write(Record("/kept"));
        await log.StopAsync(Cancelled);

        Assert.Contains("/kept", output.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("/lost", output.Text, StringComparison.Ordinal);
        Assert.Equal(1, Dropped(log));
    }

    private static AccessRecord Record(string path) => new(DateTimeOffset.UnixEpoch, "id", "GET", path, 200, TimeSpan.FromMilliseconds(1), "route", null, null, "127.0.0.1");

    private static double Dropped(AccessLog log)
    {
        var text = new MetricText();
        log.WriteMetrics(text);
        return double.Parse(text.ToString().Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture);
    }

    private sealed class Output : MemoryStream
    {
        private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task FirstWrite => _first.Task;

        public bool Fails { get; set; }

        public string Text => Encoding.UTF8.GetString(ToArray());

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var fails = Fails;
            _first.TrySetResult();
            if (fails) throw new IOException("No space left on device");
            Write(buffer.Span);
            return default;
        }
    }
}
