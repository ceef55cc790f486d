using System.Net.Http.Headers;
using Gateway.Decisions;

namespace Gateway.Forwarding.Mutators;

/// <summary>Something that services are told of the caller. Adding one: CONTRIBUTING.md.</summary>
internal abstract class Mutator
{
    /// <summary>The headers that only this mutator sets: a client's of these names are removed.</summary>
    public abstract IReadOnlyList<string> HeaderNames { get; }

    public abstract void Apply(Caller caller, HttpRequestHeaders headers);
}
