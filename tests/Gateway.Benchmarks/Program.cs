using BenchmarkDotNet.Running;
using Gateway.Benchmarks;

// "hotpath VARIANT COUNT" is what .ci/hotpath counts; "sessions COUNT" answers the memory that a cached session keeps and what a
// full cache takes; anything else is BenchmarkDotNet's.
if (args is ["hotpath", var variant, var count])
    return HotPath.Run(variant, int.Parse(count, System.Globalization.CultureInfo.InvariantCulture));
if (args is ["sessions", var sessions])
{
    var entries = int.Parse(sessions, System.Globalization.CultureInfo.InvariantCulture);
    FullCache.Run(entries);
    return await HotPath.FillAsync(entries);
}

BenchmarkSwitcher.FromAssembly(typeof(HotPath).Assembly).Run(args);
return 0;
