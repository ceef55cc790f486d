using System.Runtime.InteropServices;
using Gateway.Hosting;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Features.Authentication;
using Yarp.ReverseProxy.Model;

namespace Gateway.Benchmarks;

/// <summary>
/// Sends requests through the whole pipeline in process, in rounds, for .ci/hotpath to count. The caller's thread does all
/// of it, so that what the pool's threads do meanwhile (timers, compiling what a timer calls first, waiting for work) is not
/// counted.
/// </summary>
internal static class HotPath
{
    private const int WarmUp = 300;

    /// <summary>
    /// A round of so many requests for every line that comes in, and a line for it: the bytes that a request allocated, and the
    /// number of collections.
    /// </summary>
    public static int Run(string variant, int count)
    {
        FixHashCodes();
        var pipeline = Start(variant).GetAwaiter().GetResult();
        var path = $"/{variant}/hello";
        for (var i = 0; i < WarmUp; i++)
            pipeline.RequestAsync(path).GetAwaiter().GetResult(); // the first waits for Kratos
        Round(pipeline, path, 1); // compiles it
        Console.WriteLine("hotpath warm");
        while (Console.ReadLine() is not null)
        {
            var (bytes, collections) = Round(pipeline, path, count);
            Console.WriteLine($"hotpath round {bytes / count} {collections}");
        }
        pipeline.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return 0;
    }

    private static Task<InProcess> Start(string variant) => variant switch
    {
        "yarp" => InProcess.BareYarpAsync(),
        "token" => InProcess.GatewayAsync(InProcess.Token),
        _ => InProcess.GatewayAsync(),
    };

    /// <summary>
    /// A type draws its hash code from its thread's sequence when it is first asked for it, so which of a request's features
    /// collide would differ from process to process, by half a percent of its instructions. Here all draw in one order.
    /// </summary>
    private static void FixHashCodes()
    {
        Type[] ofEach =
        [
            typeof(IFeatureCollection), typeof(IHttpAuthenticationFeature), typeof(HttpContext), typeof(IConnectionItemsFeature),
            typeof(IReverseProxyFeature), typeof(GatewayApp),
        ];
        foreach (var type in ofEach.SelectMany(one => one.Assembly.GetTypes()))
            _ = type.GetHashCode();
    }

    private static (long Bytes, int Collections) Round(InProcess pipeline, string path, int count)
    {
        var collections = GC.CollectionCount(0);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        Counting.Begins();
        for (var i = 0; i < count; i++)
        {
            if (!pipeline.RequestAsync(path).IsCompletedSuccessfully)
                throw new InvalidOperationException($"{path} failed, or went on on another thread, where it is not counted.");
        }
        Counting.Ends();
        return (GC.GetAllocatedBytesForCurrentThread() - allocated, GC.CollectionCount(0) - collections);
    }

    /// <summary>Two functions of libc that nothing else here calls: valgrind counts from the one to the other.</summary>
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
        for (var i = 0; i < WarmUp; i++)
            await pipeline.RequestAsync("/signed-in/hello");
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < sessions; i++)
            await pipeline.RequestAsync("/signed-in/hello", i);
        Console.WriteLine($"{(GC.GetTotalMemory(forceFullCollection: true) - before) / sessions} bytes per cached session");
        return 0;
    }
}
