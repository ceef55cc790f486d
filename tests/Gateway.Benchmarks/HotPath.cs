namespace Gateway.Benchmarks;

/// <summary>Sends requests through the whole pipeline in process and prints what one of them allocates.</summary>
internal static class HotPath
{
    private const int WarmUp = 300;

    public static async Task<int> RunAsync(string variant, int count)
    {
        await using var pipeline = variant is "yarp" ? await InProcess.BareYarpAsync() : await InProcess.GatewayAsync();
        var path = $"/{variant}/hello";
        for (var i = 0; i < WarmUp; i++) await pipeline.RequestAsync(path);

        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < count; i++) await pipeline.RequestAsync(path);
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        Console.WriteLine($"{variant}: {(count == 0 ? 0 : allocated / count)} bytes per request");
        return 0;
    }
}
