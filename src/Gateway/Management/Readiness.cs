using Gateway.Kratos;
using Gateway.RateLimits;
using Gateway.Replication;
using Gateway.Routes;

namespace Gateway.Management;

/// <param name="Missing">What is missing before requests should be sent here; null when ready.</param>
/// <param name="Warnings">What an operator should look at although requests are served.</param>
internal sealed record ReadyStatus(string Status, IReadOnlyList<string>? Missing, IReadOnlyList<string>? Warnings);

/// <summary>
/// Whether to send requests here. Kratos has to be seen once, so that a replica with a wrong address never takes traffic; later
/// trouble of Kratos is a warning, because public routes and cached sessions still work.
/// An address that turns out to be wrong is missing at any time.
/// </summary>
internal sealed class Readiness(
    KratosReadiness kratos,
    PublicApiCheck publicApi,
    RouteReload reload,
    RevocationRelay relay,
    RedisCounters rateLimits,
    IHostApplicationLifetime lifetime)
{
    private volatile bool _kratosSeen;

    public async Task<ReadyStatus> CheckAsync(CancellationToken cancellationToken)
    {
        var missing = new List<string>();
        var warnings = new List<string>();
        if (!lifetime.ApplicationStarted.IsCancellationRequested)
            missing.Add("the public listener has not started");
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            missing.Add("the gateway is stopping");

        var ready = await kratos.IsReadyAsync(fresh: false, cancellationToken);
        var confirmed = await publicApi.ConfirmAsync(cancellationToken);
        if (publicApi.WrongAddress is { } problem)
            missing.Add(problem);
        else if (ready && confirmed)
            _kratosSeen = true;
        else
            (_kratosSeen ? warnings : missing).Add(ready ? "Kratos' whoami gives no verdict" : "Kratos is not ready");

        if (reload.Broken is { } broken)
            missing.Add($"the saved routes are not in force, restart the gateway: {broken}");
        if (relay.IsLost)
            warnings.Add("revocations of other replicas are not heard; cached sessions are trusted for a shorter time");
        if (rateLimits.Trouble is { } trouble)
            warnings.Add(trouble);
        warnings.AddRange(reload.Refused.Select(e => $"refused configuration: {e}"));
        warnings.AddRange(reload.NeedRestart.Select(s => $"changed, but only read at a start: {s}"));
        return new(missing.Count == 0 ? "ok" : "unavailable", NullIfEmpty(missing), NullIfEmpty(warnings));
    }

    private static List<string>? NullIfEmpty(List<string> list) => list.Count == 0 ? null : list;
}
