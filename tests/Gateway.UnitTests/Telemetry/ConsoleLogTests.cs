using System.Text;
using System.Text.Json;
using Gateway.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gateway.UnitTests.Telemetry;

public sealed class ConsoleLogTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private const string Simple = "Logging:Console:FormatterName=simple", Json = "Logging:Console:FormatterName=json";
    private const string Scopes = "Logging:Console:FormatterOptions:IncludeScopes=true";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Simple, "warn: Some.Category[7]\n      Trouble with one\n")]
    [InlineData("Logging:Console:FormatterName=nonsense", "warn: Some.Category[7]\n      Trouble with one\n")]
    [InlineData("Logging:Console:FormatterOptions:SingleLine=true", "warn: Some.Category[7] Trouble with one\n")]
    [InlineData(Scopes, "warn: Some.Category[7]\n      => in\n      Trouble with one\n")]
    [InlineData("Logging:Console:FormatterName=systemd", "<4>Some.Category[7] Trouble with one\n")]
    [InlineData("Logging:Console:LogLevel:Some.Category=Error", "")]
    public void Log_AnEvent_IsWrittenAsTheFrameworkWould(string setting, string expected)
    {
        var (output, error) = (new MemoryStream(), new MemoryStream());
        using (var services = Build(output, error, setting))
        {
            var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Some.Category");
            using (logger.BeginScope("in"))
                logger.Log(LogLevel.Warning, 7, "one", null, (state, _) => $"Trouble with {state}");
        }

        Assert.Equal(expected, Encoding.UTF8.GetString(output.ToArray()));
        Assert.Empty(error.ToArray());
    }

    [Fact]
    public void Log_AnExceptionAsJson_IsOneLine()
    {
        var output = new MemoryStream();
        using (var services = Build(output, Stream.Null, Json))
            Log(services, LogLevel.Error, "ärger", new InvalidOperationException("why\nthough"));

        var text = Encoding.UTF8.GetString(output.ToArray());
        Assert.Equal(text.Length - 1, text.IndexOf('\n', StringComparison.Ordinal));
        using var line = JsonDocument.Parse(text);
        Assert.Equal("ärger", line.RootElement.GetProperty("Message").GetString());
        Assert.Contains("why", line.RootElement.GetProperty("Exception").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Log_FromTheErrorThresholdOn_GoesToStandardError()
    {
        var (output, error) = (new MemoryStream(), new MemoryStream());
        using (var services = Build(output, error, "Logging:Console:LogToStandardErrorThreshold=Error"))
        {
            Log(services, LogLevel.Warning, "small");
            Log(services, LogLevel.Error, "big");
        }

        Assert.Contains("small", Encoding.UTF8.GetString(output.ToArray()), StringComparison.Ordinal);
        Assert.Contains("big", Encoding.UTF8.GetString(error.ToArray()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Logging:Console:MaxQueueLength=10", 10)]
    [InlineData("Logging:Console:QueueFullMode=Wait", 2500)] // the framework's default
    public async Task Log_WhileNobodyReads_DropsCountsAndSaysSoAfterwards(string setting, int room)
    {
        using var stalled = new StalledStream();
        using (var services = Build(stalled, Stream.Null, setting))
        {
            var lost = services.GetRequiredService<LogOutput>().DroppedEvents;
            Log(services, LogLevel.Warning, "first");
            await stalled.Entered.WaitAsync(Cancelled);

            for (var i = 0; i < room + 7; i++)
                Log(services, LogLevel.Warning, "more");
            Assert.Equal(7, lost.Value);
            stalled.Release();
            Assert.True(SpinWait.SpinUntil(() => Text().Split("more").Length == room + 1, Limit));
            Log(services, LogLevel.Warning, "last");
        }

        var end = Text().Split('\n')[^4..];
        Assert.Equal("      Output could not keep up: 7 lines of the log and the access log were dropped", end[0]);
        Assert.Equal(["warn: Some.Category[0]", "      last", ""], end[1..]);

        string Text() => Encoding.UTF8.GetString(stalled.ToArray());
    }

    [Fact]
    public void Log_WhileEveryWriteFails_CountsEveryEventOnce()
    {
        using var services = Build(new FullDisk(), Stream.Null, Simple);
        var lost = services.GetRequiredService<LogOutput>().DroppedEvents;

        for (var i = 1; i <= 5; i++)
        {
            Log(services, LogLevel.Warning, "lost");
            Assert.True(SpinWait.SpinUntil(() => lost.Value >= i, Limit));
            Assert.Equal(i, lost.Value);
        }
    }

    private static void Log(ServiceProvider services, LogLevel level, string message, Exception? exception = null)
    {
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Some.Category");
        logger.Log(level, 0, message, exception, (state, _) => state);
    }

    private static ServiceProvider Build(Stream output, Stream error, string setting)
    {
        var pair = setting.Split('=');
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new(pair[0], pair[1])]).Build();
        var services = new ServiceCollection().AddSingleton(_ => new LogOutput(output, error));
        services.AddLogging(logging =>
        {
            logging.AddConfiguration(configuration.GetSection("Logging")).AddSimpleConsole(); // as the slim builder does
            ConsoleLog.Replace(logging);
        });
        return services.BuildServiceProvider();
    }

    private sealed class FullDisk : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("No space left on device");
    }
}
