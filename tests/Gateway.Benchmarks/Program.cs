using BenchmarkDotNet.Running;
using Gateway.Benchmarks;

// "hotpath VARIANT COUNT" is what .ci/hotpath counts; "sessions COUNT" answers the memory that a cached session keeps; anything else is BenchmarkDotNet's.
if (args is ["hotpath", var variant, var count])
    return HotPath.Run(variant, int.Parse(count, System.Globalization.CultureInfo.InvariantCulture));
if (args is ["sessions", var sessions])
    return await HotPath.FillAsync(int.Parse(sessions, System.Globalization.CultureInfo.InvariantCulture));

BenchmarkSwitcher.FromAssembly(typeof(HotPath).Assembly).Run(args);
return 0;
