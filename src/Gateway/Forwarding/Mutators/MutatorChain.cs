using System.Net.Http.Headers;
using Gateway.Decisions;

namespace Gateway.Forwarding.Mutators;

/// <summary>All that a route's service is told of the caller: the identity headers, then what the route's rule adds.</summary>
internal sealed class MutatorChain(IdentityHeadersMutator identity, IReadOnlyList<Mutator> ofRule)
{
    private readonly Mutator[] _all = [identity, .. ofRule];

    public IEnumerable<string> HeaderNames => _all.SelectMany(mutator => mutator.HeaderNames);

    public bool ReplacesAuthorization { get; } = ofRule.Any(mutator => mutator.ReplacesAuthorization);

    public void Apply(HttpContext context, HttpRequestHeaders headers)
    {
        var caller = Caller.Of(context);
        foreach (var mutator in _all)
            mutator.Apply(context, caller, headers);
    }
}
