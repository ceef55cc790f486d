using Gateway.Decisions;

namespace Gateway.Authenticators;

/// <summary>What an authenticator found out: a caller, or why there is none.</summary>
/// <param name="Failure"><see cref="Reason.NoSession"/>: nothing was presented that this authenticator reads.</param>
/// <param name="SetCookies">A renewed session cookie for exactly this caller.</param>
/// <param name="IsCached">Asking again may find out something newer.</param>
/// <param name="IsStale">It was asked again just now, in vain; an older answer serves.</param>
internal readonly record struct Authentication(
    Caller? Caller, Reason? Failure, string[]? SetCookies = null, bool IsCached = false, bool IsStale = false);
