using BenchmarkDotNet.Running;
using Gateway.Benchmarks;

// "hotpath VARIANT COUNT" answers allocated bytes per request, and is what .ci/hotpath counts instructions of; "sessions COUNT"
// the memory that a cached session keeps; anything else is BenchmarkDotNet's.
if (args is ["hotpath", var variant, var count])
    return await HotPath.RunAsync(variant, int.Parse(count, System.Globalization.CultureInfo.InvariantCulture));
if (args is ["sessions", var sessions])
    return await HotPath.FillAsync(int.Parse(sessions, System.Globalization.CultureInfo.InvariantCulture));

BenchmarkSwitcher.FromAssembly(typeof(HotPath).Assembly).Run(args);
return 0;
