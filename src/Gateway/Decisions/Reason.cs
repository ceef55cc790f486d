namespace Gateway.Decisions;

/// <summary>
/// Why the gateway answered in its own name: the closed list, the same in answers, logs and metrics. A new member does not
/// compile until <c>Denials/Answers.cs</c> answers it.
/// </summary>
internal enum Reason
{
    NoSession,
    SessionInvalid,
    SecondFactorRequired,
    SessionTooOld,
    EmailNotVerified,
    TraitMismatch,
    SchemaMismatch,
    Forbidden,
    IdentityProviderUnavailable,
    IdentityProviderError,
    NoRoute,
    LoginLoop,
    AmbiguousTarget,
    MethodNotAllowed,
    MalformedRequest,
    RequestTooLarge,
    UpstreamUnavailable,
    UpstreamUnreachable,
    UpstreamTimeout,
    RequestTimeout,
    InternalError,
}

internal static class ReasonNames
{
    private static readonly string[] Names = [.. Enum.GetNames<Reason>().Select(SnakeCase)];

    /// <summary>The reason as people and programs see it, such as <c>session_too_old</c>.</summary>
    public static string Name(this Reason reason) => Names[(int)reason];

    private static string SnakeCase(string name) =>
        string.Concat(name.Select((c, i) => (i > 0 && char.IsUpper(c) ? "_" : "") + char.ToLowerInvariant(c)));
}
