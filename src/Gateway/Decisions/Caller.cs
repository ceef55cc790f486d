using System.Text.Json;
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
    private const int MostKept = 32;

    private Kept? _kept;

    /// <summary>Null: the authenticator knows callers without sessions.</summary>
    public CallerSession? Session { get; init; }

    /// <summary>The identity headers' values in the order of their names; null where a template came out empty.</summary>
    public string?[] IdentityHeaders { get; init; } = [];

    /// <summary>
    /// The session as its provider described it, in UTF-8; null: it has none, or it was not kept because no rule reads it
    /// (<see cref="SessionJsonNeed"/>).
    /// </summary>
    public byte[]? SessionJson { get; init; }

    /// <summary>The session's JSON, for its reader to give back; null where it is not needed or not there.</summary>
    public JsonDocument? ParseSession(bool isNeeded) =>
        isNeeded && SessionJson is not null ? JsonDocument.Parse(SessionJson) : null;

    /// <summary>What <paramref name="maker"/> made of this caller and kept, or null.</summary>
    public object? Find(object maker)
    {
        for (var kept = Volatile.Read(ref _kept); kept is not null; kept = kept.Next)
            if (ReferenceEquals(kept.Maker, maker)) return kept.Made;
        return null;
    }

    /// <summary>
    /// Keeps what was made as long as this caller. Of two at once one may be lost; of many, which reloads leave behind, all
    /// are.
    /// </summary>
    public void Keep(object maker, object made)
    {
        var first = Volatile.Read(ref _kept);
        var next = first is { Length: >= MostKept } ? null : first;
        Volatile.Write(ref _kept, new(maker, made, next, (next?.Length ?? 0) + 1));
    }

    /// <summary>Who was found to send this request; null: nobody was asked, or it is anonymous.</summary>
    public static Caller? Of(HttpContext context) =>
        (context.Features[typeof(IHttpAuthenticationFeature)] as CallerFeature)?.Caller;

    private sealed record Kept(object Maker, object Made, Kept? Next, int Length);
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
    IReadOnlyList<string> VerifiedEmails,
    IdentityTraits Traits)
{
    public bool HasVerifiedEmail => VerifiedEmails.Count > 0;

    /// <summary>Whether this address is a verified one; in any letter case, because Kratos keeps them in lower case.</summary>
    public bool IsVerifiedEmail(string address)
    {
        for (var i = 0; i < VerifiedEmails.Count; i++)
            if (VerifiedEmails[i].Equals(address, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }
}
