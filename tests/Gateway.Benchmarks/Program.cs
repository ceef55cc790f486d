using BenchmarkDotNet.Running;
using Gateway.Benchmarks;

// "hotpath VARIANT COUNT" answers allocated bytes per request, and is what .ci/hotpath counts instructions of; anything else is BenchmarkDotNet's.
if (args is ["hotpath", var variant, var count])
    return await HotPath.RunAsync(variant, int.Parse(count, System.Globalization.CultureInfo.InvariantCulture));

BenchmarkSwitcher.FromAssembly(typeof(HotPath).Assembly).Run(args);
return 0;
