using System.Text.Json;
using Gateway.Configuration;

namespace Gateway.Forwarding.Mutators;

/// <summary>Reads one mutator's value; null when it was bad, with what is wrong in <paramref name="reading"/>.</summary>
internal delegate Mutator? MutatorReader(JsonElement value, MutatorReading reading);

/// <summary>The index of mutators that may stand in a rule's <c>Mutators</c>: one file and one line here each.</summary>
internal static class RuleMutators
{
    /// <summary>The rule's key.</summary>
    public const string Key = "Mutators";

    public static readonly IReadOnlyDictionary<string, MutatorReader> ByName =
        new Dictionary<string, MutatorReader>(StringComparer.OrdinalIgnoreCase)
        {
            ["Headers"] = HeadersMutator.Read,
            ["Cookies"] = CookiesMutator.Read,
            ["IdentityToken"] = IdentityTokenMutator.Read,
        };

    /// <summary>The mutators of a rule in their order; what is wrong goes to <paramref name="reading"/>.</summary>
    public static IReadOnlyList<Mutator> Read(JsonElement list, MutatorReading reading)
    {
        var read = new List<Mutator>();
        if (list.ValueKind is JsonValueKind.Null) return read;
        NamedParts.Read(list, "mutator", ByName, reading.Problems, (_, reader, value) =>
        {
            if (reader == IdentityTokenMutator.Read && read.Any(mutator => mutator is IdentityTokenMutator))
                reading.Problems.Add("stands here twice: name several audiences in one, in a list");
            else if (reader(value, reading) is { } mutator)
                read.Add(mutator);
        });
        return read;
    }
}
