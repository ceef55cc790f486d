using System.Net.Http.Headers;
using Gateway.Decisions;

namespace Gateway.Forwarding.Mutators;

/// <summary>Something that services are told of the caller. Adding one: CONTRIBUTING.md.</summary>
internal abstract class Mutator
{
    /// <summary>The headers that only the gateway sets: a client's of these names are removed, on every route.</summary>
    public virtual IReadOnlyList<string> HeaderNames => [];

    /// <summary>The cookies that only the gateway sets: likewise.</summary>
    public virtual IReadOnlyList<string> CookieNames => [];

    /// <summary>Whether it reads the session's JSON, which is then kept with every cached session.</summary>
    public virtual bool NeedsSession => false;

    /// <summary>Whether a client's <c>Authorization</c> does not reach the service behind this mutator.</summary>
    public virtual bool ReplacesAuthorization => false;

    /// <summary>The id of the token issuer in it; null: it signs nothing.</summary>
    public virtual string? IssuerId => null;

    /// <param name="caller">Null: nobody is known.</param>
    /// <param name="headers">Of the request to the service: the client's without forged ones, and what earlier mutators
    /// set.</param>
    public abstract void Apply(HttpContext context, Caller? caller, HttpRequestHeaders headers);
}
