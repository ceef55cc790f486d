using Gateway.Decisions;

namespace Gateway.Sessions;

internal enum SessionOutcome
{
    /// <summary>The request carries no credential.</summary>
    NoCredential,

    /// <summary>Kratos knows no such session.</summary>
    Invalid,

    Active,

    /// <summary>Signed in, but Kratos wants the second factor before it says who.</summary>
    SecondFactorRequired,

    /// <summary>Kratos gave no verdict and nothing usable was cached.</summary>
    NoVerdict,
}

/// <summary>Who is calling. Immutable; one instance serves every request of a cached session.</summary>
internal sealed record SessionVerdict(SessionOutcome Outcome, Caller? Caller = null)
{
    public static readonly SessionVerdict NoCredential = new(SessionOutcome.NoCredential);
    public static readonly SessionVerdict Invalid = new(SessionOutcome.Invalid);
    public static readonly SessionVerdict SecondFactorRequired = new(SessionOutcome.SecondFactorRequired);
    public static readonly SessionVerdict NoVerdict = new(SessionOutcome.NoVerdict);
}

/// <summary>A verdict and how it was come by.</summary>
/// <param name="SetCookies">A refreshed session cookie for exactly this caller.</param>
/// <param name="IsStale">Kratos was asked just now and gave no verdict; an older one serves.</param>
internal readonly record struct SessionLookup(
    SessionVerdict Verdict, bool FromCache = false, string[]? SetCookies = null, bool IsStale = false);
