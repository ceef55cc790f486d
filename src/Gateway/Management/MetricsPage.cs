using System.Diagnostics;
using Gateway.Kratos;
using Gateway.Replication;
using Gateway.Routes;
using Gateway.Sessions;
using Gateway.Sessions.Cache;
using Gateway.Telemetry;

namespace Gateway.Management;

/// <summary>Everything <c>/metrics</c> says.</summary>
internal sealed class MetricsPage(RequestMetrics requests, SessionMetrics sessions, SessionCache cache, KratosReadiness readiness, RouteReload reload, ReplicationOptions replication, RevocationRelay relay, LogOutput log)
{
    public string Render()
    {
        var text = new MetricText();
        requests.Write(text);
        sessions.Write(text, cache, readiness);
        reload.Write(text);
        if (replication.Enabled) relay.Write(text);
        log.WriteMetrics(text);

        using var process = Process.GetCurrentProcess();
        text.Family("process_cpu_seconds_total", "counter", "CPU time of the process.");
        text.Sample("process_cpu_seconds_total", "", process.TotalProcessorTime.TotalSeconds);
        text.Family("process_resident_memory_bytes", "gauge", "Resident memory of the process.");
        text.Sample("process_resident_memory_bytes", "", process.WorkingSet64);
        text.Family("dotnet_gc_heap_bytes", "gauge", "Managed heap.");
        text.Sample("dotnet_gc_heap_bytes", "", GC.GetTotalMemory(forceFullCollection: false));
        return text.ToString();
    }
}
