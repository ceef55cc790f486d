using System.Net;
using Gateway.Telemetry;

namespace Gateway.Kratos;

/// <summary>
/// Whether <c>Kratos:PublicUrl</c> is Kratos' public API. The admin API answers <c>/sessions</c>, too, to anybody and with
/// everybody's sessions, so nothing is published and nobody is let in before whoami, asked without a credential, has answered
/// 401, as only the public API does (facts: docs/kratos.md). Asked when it is first needed, again after every trouble of
/// Kratos, who may come back as somebody else, and when the answer is a minute old, because an address may lead elsewhere
/// without any trouble; one call at a time. No verdict (429, 5xx, time-out, refused) leaves what was last known.
/// </summary>
internal sealed partial class PublicApiCheck(
    KratosClient kratos, KratosOptions options, TimeProvider time, ILogger<PublicApiCheck> log)
{
    private const HttpStatusCode TooEarly = (HttpStatusCode)425;

    private const string Cure = "set it to Kratos' public API (port 4433)";

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private Task<Finding>? _pending;
    private volatile Finding? _known;
    private long _troubles;

    /// <summary>
    /// Whether the public API answered since the last trouble and within the last minute. When not, <see cref="ConfirmAsync"/>
    /// asks.
    /// </summary>
    public bool IsConfirmed => _known is { IsPublicApi: true } known
        && known.Troubles == Volatile.Read(ref _troubles)
        && time.GetElapsedTime(known.AskedAt) < Lifetime;

    /// <summary>What is wrong with the address and what to do, or null when it is right or not known.</summary>
    public string? WrongAddress => _known?.Problem;

    /// <summary>Kratos has just shown trouble.</summary>
    public void Doubt() => Interlocked.Increment(ref _troubles);

    /// <summary>
    /// Whether the address is, or for want of a verdict was last known to be, Kratos' public API. Takes at most twice
    /// <c>Kratos:Timeout</c>.
    /// </summary>
    public async Task<bool> ConfirmAsync(CancellationToken cancellationToken)
    {
        var troubles = Volatile.Read(ref _troubles);
        while (true)
        {
            Task<Finding> call;
            lock (_gate)
            {
                if (IsConfirmed) return true;
                call = _pending ??= AskAsync();
            }
            var finding = await call.WaitAsync(cancellationToken);
            // An answer that was asked for before the trouble may be that of another Kratos.
            if (finding.Troubles >= troubles) return finding.IsPublicApi;
        }
    }

    private async Task<Finding> AskAsync()
    {
        var (troubles, asked) = (Volatile.Read(ref _troubles), time.GetTimestamp());
        await Task.Yield(); // the caller holds the lock
        try
        {
            using var limit = new CancellationTokenSource(options.Timeout, time);
            var status = await kratos.ToSessionAnonymouslyAsync(limit.Token);
            return status is { } answered && IsVerdict(answered)
                ? Learn(new(troubles, asked, answered is HttpStatusCode.Unauthorized, ProblemOf((int)answered)))
                : new(troubles, asked, _known is { IsPublicApi: true }, null);
        }
        finally
        {
            lock (_gate) _pending = null;
        }
    }

    private Finding Learn(Finding finding)
    {
        var before = WrongAddress;
        _known = finding;
        if (finding.Problem is { } problem && problem != before) LogWrong(log, problem);
        if (finding.Problem is null && before is not null) LogRight(log);
        return finding;
    }

    /// <summary>Not one of those that are given by whoever cannot answer now, and say nothing about the address.</summary>
    private static bool IsVerdict(HttpStatusCode status) =>
        status is < HttpStatusCode.InternalServerError
            and not (HttpStatusCode.RequestTimeout or TooEarly or HttpStatusCode.TooManyRequests);

    private static string? ProblemOf(int status) => status switch
    {
        401 => null,
        307 => $"Kratos:PublicUrl answers as Kratos' admin API does (307 to sessions/whoami): {Cure}",
        _ => $"Kratos:PublicUrl does not answer as Kratos' public API does ({status} to sessions/whoami instead of 401): {Cure}",
    };

    /// <param name="Troubles">How many troubles were known when it was asked.</param>
    /// <param name="AskedAt">A timestamp of the time provider.</param>
    private sealed record Finding(long Troubles, long AskedAt, bool IsPublicApi, string? Problem);

    [LoggerMessage(EventIds.KratosAddressWrong, LogLevel.Error, "{Problem}. Until then nothing is published, nobody signed in")]
    private static partial void LogWrong(ILogger logger, string problem);

    [LoggerMessage(EventIds.KratosAddressRight, LogLevel.Information, "Kratos:PublicUrl answers as Kratos' public API now")]
    private static partial void LogRight(ILogger logger);
}
