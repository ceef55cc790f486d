using System.Text;
using Gateway.Telemetry;

namespace Gateway.UnitTests.Telemetry;

public sealed class LogOutputTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Fact]
    public void Write_ManyLines_GoesOutInWholeLinesThatAPipeTakesAtOnce()
    {
        var stream = new Writes();
        var output = new LogOutput(stream, Stream.Null);
        var buffer = output.OpenRequests(1_000_000);

        lock (buffer.Gate)
            for (var i = 0; i < 200; i++)
                buffer.Lines.Event($"{i} {new string('x', i == 100 ? 5000 : i)}\n");
        output.Dispose();

        Assert.All(stream.All, write => Assert.EndsWith("\n", write, StringComparison.Ordinal));
        var longer = Assert.Single(stream.All, write => write.Length > 4096);
        Assert.Equal(1, longer.Count(c => c is '\n'));
        var lines = string.Concat(stream.All).Split('\n')[..^1];
        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"{i}"), lines.Select(line => line.Split(' ')[0]));
    }

    [Fact]
    public void Write_AfterAFailureInTheMiddleOfALine_BeginsANewLine()
    {
        var stream = new Writes { Room = 3 };
        var output = new LogOutput(stream, Stream.Null);
        var buffer = output.OpenEvents(toError: false, 1000);

        Add("first\n");
        Assert.True(SpinWait.SpinUntil(() => output.DroppedEvents.Value == 1, Limit));
        stream.Room = int.MaxValue;
        Add("second\n");
        output.Dispose();

        Assert.Equal("fir\nsecond\n", string.Concat(stream.All));

        void Add(string text)
        {
            lock (buffer.Gate)
                buffer.Lines.Event(text);
            output.Wake();
        }
    }

    [Fact]
    public async Task Dispose_WhileNobodyReads_Ends()
    {
        using var stalled = new StalledStream();
        var output = new LogOutput(stalled, Stream.Null);
        var buffer = output.OpenEvents(toError: false, 1000);
        lock (buffer.Gate)
            buffer.Lines.Event("x\n");
        output.Wake();
        await stalled.Entered.WaitAsync(TestContext.Current.CancellationToken);

        var cancelled = TestContext.Current.CancellationToken;
        await Task.Run(output.Dispose, cancelled).WaitAsync(Limit, cancelled);
    }

    /// <summary>Keeps every write apart; fails when it has no more room, having taken what fits.</summary>
    private sealed class Writes : MemoryStream
    {
        public List<string> All { get; } = [];

        public int Room { get; set; } = int.MaxValue;

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            All.Add(Encoding.UTF8.GetString(buffer[..Math.Min(buffer.Length, Room)]));
            if (buffer.Length > Room) throw new IOException("No space left on device");
        }
    }
}
