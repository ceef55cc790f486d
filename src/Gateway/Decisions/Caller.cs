using Microsoft.AspNetCore.Http.Features.Authentication;

namespace Gateway.Decisions;

/// <summary>
/// Who is calling, as plain data: what conditions decide on and what services are told. Immutable; one instance serves every
/// request of a cached session.
/// </summary>
/// <param name="Subject">The identity's id.</param>
/// <param name="Authenticator">The name of the authenticator that knows the caller.</param>
internal sealed record Caller(string Subject, string Authenticator, DateTimeOffset ExpiresAt)
{
    /// <summary>Null: the authenticator knows callers without sessions.</summary>
    public CallerSession? Session { get; init; }

    /// <summary>The identity headers' values in the order of their names; null where a template came out empty.</summary>
    public string?[] IdentityHeaders { get; init; } = [];

    /// <summary>Who was found to send this request; null: nobody was asked, or it is anonymous.</summary>
    public static Caller? Of(HttpContext context) =>
        (context.Features[typeof(IHttpAuthenticationFeature)] as CallerFeature)?.Caller;
}

/// <summary>
/// Authenticator assurance level; a level this version does not know counts as none, so that no rule is met by it.
/// </summary>
internal enum AssuranceLevel { Unknown, Aal1, Aal2 }

/// <summary>The session behind a caller, reduced to what rules decide on.</summary>
internal sealed record CallerSession(
    string Id,
    string SchemaId,
    AssuranceLevel AssuranceLevel,
    DateTimeOffset AuthenticatedAt,
    bool HasVerifiedEmail,
    IdentityTraits Traits);
