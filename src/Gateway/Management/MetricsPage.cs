using System.Diagnostics;
using Gateway.Telemetry;

namespace Gateway.Management;

/// <summary>Everything <c>/metrics</c> says.</summary>
internal sealed class MetricsPage(GatewayMetrics metrics)
{
    public string Render()
    {
        var text = new MetricText();
        metrics.Write(text);

        using var process = Process.GetCurrentProcess();
        text.Family("process_cpu_seconds_total", "counter", "CPU time of the process.");
        text.Sample("process_cpu_seconds_total", [], process.TotalProcessorTime.TotalSeconds);
        text.Family("process_resident_memory_bytes", "gauge", "Resident memory of the process.");
        text.Sample("process_resident_memory_bytes", [], process.WorkingSet64);
        text.Family("dotnet_gc_heap_bytes", "gauge", "Managed heap.");
        text.Sample("dotnet_gc_heap_bytes", [], GC.GetTotalMemory(forceFullCollection: false));
        return text.ToString();
    }
}
