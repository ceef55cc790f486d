using System.Text.Json;

namespace Gateway.Kratos;

internal enum WhoamiStatus
{
    /// <summary>200 with an active, unexpired session of a named identity.</summary>
    Active,

    /// <summary>403 <c>session_aal2_required</c>: signed in, but Kratos wants the second factor first.</summary>
    SecondFactorRequired,

    /// <summary>
    /// 401, or 200 with a session that has ended. While Kratos' database is down a 401 means nothing: see
    /// <see cref="KratosReadiness"/>.
    /// </summary>
    NoSession,

    /// <summary>Anything else: 429, 5xx, time-out, refused connection, unreadable answer.</summary>
    NoVerdict,
}

/// <summary>What Kratos said of one credential.</summary>
/// <param name="Json">The whole session, for the header templates, in pooled memory that its reader gives back; null unless
/// <see cref="WhoamiStatus.Active"/>.</param>
internal sealed record WhoamiAnswer(WhoamiStatus Status, KratosSession? Session = null, JsonDocument? Json = null)
{
    public static readonly WhoamiAnswer NoSession = new(WhoamiStatus.NoSession);

    /// <summary><c>Ory-Session-Cache-For</c>, when Kratos sent it.</summary>
    public TimeSpan? CacheFor { get; init; }

    /// <summary>A refreshed session cookie. It belongs to the caller whose request asked, and is never cached.</summary>
    public string[]? SetCookies { get; init; }

    /// <summary>Why there is no verdict, in words without addresses.</summary>
    public string? Failure { get; private init; }

    /// <summary>There is no verdict because of this request alone: no reason to think Kratos is in trouble.</summary>
    public bool BlamesRequest { get; private init; }

    public static WhoamiAnswer NoVerdict(string failure, bool blamesRequest = false) =>
        new(WhoamiStatus.NoVerdict) { Failure = failure, BlamesRequest = blamesRequest };
}
