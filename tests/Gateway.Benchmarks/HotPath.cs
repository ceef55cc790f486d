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
        Await("warm");

        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < count; i++) await pipeline.RequestAsync(path);
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        Console.WriteLine($"{variant}: {allocated / count} bytes per request");
        Await("done");
        return 0;
    }

    /// <summary>Whoever counts instructions starts or stops now, and says so.</summary>
    private static void Await(string state)
    {
        if (!Console.IsInputRedirected) return;
        Console.WriteLine(state);
        Console.ReadLine();
    }

    /// <summary>Fills the cache with sessions and prints what one of them keeps alive.</summary>
    public static async Task<int> FillAsync(int sessions)
    {
        await using var pipeline = await InProcess.GatewayAsync();
        for (var i = 0; i < WarmUp; i++) await pipeline.RequestAsync("/signed-in/hello");
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < sessions; i++) await pipeline.RequestAsync("/signed-in/hello", i);
        Console.WriteLine($"{(GC.GetTotalMemory(forceFullCollection: true) - before) / sessions} bytes per cached session");
        return 0;
    }
}
