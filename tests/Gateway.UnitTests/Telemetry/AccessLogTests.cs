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
        var stream = new Output();
        var output = new LogOutput(stream, Stream.Null);
        var log = new AccessLog(new AccessLogOptions(), output);

        Parallel.For(0, 20_000, i => log.Write(Record($"/{i}")));
        await stream.FirstWrite.WaitAsync(Cancelled);
        output.Dispose();

        var lines = stream.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var paths = lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("path").GetString());
        Assert.Equal(
            Enumerable.Range(0, 20_000).Select(i => $"/{i}").Order(StringComparer.Ordinal),
            paths.Order(StringComparer.Ordinal));
        Assert.Equal(0, output.DroppedRequests.Value);
    }

    [Fact]
    public void Write_WhileNobodyTakesTheLines_DropsCountsAndHoldsNobody()
    {
        using var stalled = new StalledStream();
        var output = new LogOutput(stalled, Stream.Null);
        var log = new AccessLog(new AccessLogOptions(), output);
        var record = Record("/" + new string('+', 1000)); // 6 kB when escaped

        for (var i = 0; i < 100_000; i++)
            log.Write(record);

        Assert.InRange(output.DroppedRequests.Value, 50_000, 99_999);
    }

    [Fact]
    public async Task Write_AnEndlessPath_IsCut()
    {
        var stream = new Output();
        var output = new LogOutput(stream, Stream.Null);
        var log = new AccessLog(new AccessLogOptions(), output);

        log.Write(Record("/" + new string('+', 8000)));
        await stream.FirstWrite.WaitAsync(Cancelled);
        output.Dispose();

        var path = JsonDocument.Parse(stream.Text).RootElement.GetProperty("path").GetString();
        Assert.Equal("/" + new string('+', 1023) + "…", path);
    }

    [Fact]
    public void Write_WhenItsBufferHasRoom_AllocatesNothing()
    {
        using var stalled = new StalledStream();
        var log = new AccessLog(new AccessLogOptions(), new LogOutput(stalled, Stream.Null));
        var record = Record("/hello");
        var least = long.MaxValue;
        for (var round = 0; round < 20; round++) // in some of them a buffer grows, never in all
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 500; i++)
                log.Write(record);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    [Fact]
    public async Task Write_WhenOutputFails_CountsTheLinesAndGoesOn()
    {
        var stream = new Output { Fails = true };
        var output = new LogOutput(stream, Stream.Null);
        var log = new AccessLog(new AccessLogOptions(), output);
        log.Write(Record("/lost"));
        await stream.FirstWrite.WaitAsync(Cancelled);

        stream.Fails = false;
        log.Write(Record("/kept"));
        output.Dispose();

        Assert.Contains("/kept", stream.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("/lost", stream.Text, StringComparison.Ordinal);
        Assert.Equal(1, output.DroppedRequests.Value);
    }

    private static AccessRecord Record(string path) => new()
    {
        Time = DateTimeOffset.UnixEpoch,
        RequestId = "id",
        Method = "GET",
        Path = path,
        Status = 200,
        Duration = TimeSpan.FromMilliseconds(1),
        Route = "route",
        ClientAddress = "127.0.0.1",
    };

    private sealed class Output : MemoryStream
    {
        private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task FirstWrite => _first.Task;

        public bool Fails { get; set; }

        public string Text => Encoding.UTF8.GetString(ToArray());

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            var fails = Fails;
            _first.TrySetResult();
            if (fails) throw new IOException("No space left on device");
            base.Write(buffer);
        }
    }
}
