using System.Diagnostics;
using System.Globalization;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>
/// What an open stream costs, on demand (<c>GATEWAY_MEASURE=1</c>, <c>-showliveoutput</c>): heap and processor time of the whole
/// process, clients and service included. Of two versions of the gateway the difference is its own.
/// </summary>
public sealed class StreamMeasuredTests(ITestOutputHelper output)
{
    private const int Count = 2000;

    [Theory]
    [InlineData("socket")]
    [InlineData("events")]
    public async Task Streams_at_rest(string kind)
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("GATEWAY_MEASURE") is "1", "only on demand");
        await using var system = new StreamSystem();
        await system.InitializeAsync();
        var session = await system.Http1.Kratos.SignInNewAsync();
        await system.OpenAsync(kind, session.CookieHeader);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        for (var i = 0; i < Count; i++)
            await system.OpenAsync(kind, session.CookieHeader);

        var after = GC.GetTotalMemory(forceFullCollection: true);
        using var process = Process.GetCurrentProcess();
        var busy = process.TotalProcessorTime;
        await Task.Delay(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        process.Refresh();
        var used = (process.TotalProcessorTime - busy).TotalMilliseconds;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{kind}: {(after - before) / Count} bytes a stream, {used} ms of processor in 10 s at rest"));
    }
}
