using System.Runtime.InteropServices;

namespace Gateway.Benchmarks;

/// <summary>
/// Sends requests through the whole pipeline in process, in rounds, for .ci/hotpath to count. One thread, that of the caller, does all of it, so that what the pool, the
/// timers and the collector do beside it is not counted.
/// </summary>
internal static class HotPath
{
    private const int WarmUp = 300;

    /// <summary>A round of so many requests for every line that comes in; for each a line of the bytes that a request allocated and of the round's collections.</summary>
    public static int Run(string variant, int count)
    {
        var pipeline = (variant is "yarp" ? InProcess.BareYarpAsync() : InProcess.GatewayAsync()).GetAwaiter().GetResult();
        var path = $"/{variant}/hello";
        for (var i = 0; i < WarmUp; i++) pipeline.RequestAsync(path).GetAwaiter().GetResult(); // the first waits for Kratos
        Round(pipeline, path, 1);
        Console.WriteLine("warm");
        while (Console.ReadLine() is not null)
        {
            var (bytes, collections) = Round(pipeline, path, count);
            Console.WriteLine($"{bytes / count} {collections}");
        }
        pipeline.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return 0;
    }

    private static (long Bytes, int Collections) Round(InProcess pipeline, string path, int count)
    {
        var collections = GC.CollectionCount(0);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        Counting.Begins();
        for (var i = 0; i < count; i++)
            if (!pipeline.RequestAsync(path).IsCompletedSuccessfully) throw new InvalidOperationException($"{path} failed, or went on on another thread, where it is not counted.");
        Counting.Ends();
        return (GC.GetAllocatedBytesForCurrentThread() - allocated, GC.CollectionCount(0) - collections);
    }

    /// <summary>Two functions of libc that nothing else here calls: valgrind is told to count from the one to the other.</summary>
    private static class Counting
    {
        public static void Begins() => _ = getpgid(0);

        public static void Ends() => _ = getsid(0);

        [DllImport("libc.so.6"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern int getpgid(int process);

        [DllImport("libc.so.6"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern int getsid(int process);
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
