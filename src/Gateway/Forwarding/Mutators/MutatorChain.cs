using System.Net.Http.Headers;
using Gateway.Decisions;

namespace Gateway.Forwarding.Mutators;

/// <summary>All that services are told of the caller.</summary>
internal sealed class MutatorChain(ForwardingOptions options)
{
    /// <summary>The index of mutators: one file and one line here each.</summary>
    private readonly Mutator[] _all =
    [
        new IdentityHeadersMutator(options),
    ];

    public IEnumerable<string> HeaderNames => _all.SelectMany(mutator => mutator.HeaderNames);

    public void Apply(Caller caller, HttpRequestHeaders headers)
    {
        foreach (var mutator in _all)
            mutator.Apply(caller, headers);
    }
}
