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

/// <summary>Why there is no verdict.</summary>
internal enum NoVerdictCause
{
    /// <summary>Kratos failed.</summary>
    Trouble,

    /// <summary>This request alone: no reason to think that Kratos is in trouble.</summary>
    Request,

    /// <summary>Kratos was not asked: it has just been failing.</summary>
    NotTried,

    /// <summary>Kratos was not asked: too many wait for it already.</summary>
    Busy,

    /// <summary>Kratos refused the credential, and is in no state to know.</summary>
    Disbelieved,
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

    /// <summary>Means something with <see cref="WhoamiStatus.NoVerdict"/> only.</summary>
    public NoVerdictCause Cause { get; private init; }

    public static WhoamiAnswer NoVerdict(string failure, NoVerdictCause cause = NoVerdictCause.Trouble) =>
        new(WhoamiStatus.NoVerdict) { Failure = failure, Cause = cause };
}
