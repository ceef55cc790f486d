using System.Net.Http.Headers;
using System.Text.Json;
using Gateway.Decisions;

namespace Gateway.Forwarding.Mutators;

/// <summary><c>Headers</c>: request headers from templates. One takes the place of an identity header of its name.</summary>
internal sealed class HeadersMutator : Mutator
{
    private readonly NamedTemplates _headers;

    private HeadersMutator(NamedTemplates headers) => _headers = headers;

    public override IReadOnlyList<string> HeaderNames => _headers.Names;

    /// <summary>By which a caller keeps the values.</summary>
    internal NamedTemplates Templates => _headers;

    public override bool NeedsSession => _headers.NeedsSession;

    public static Mutator? Read(JsonElement value, MutatorReading reading) =>
        NamedTemplates.Read(value, reading, HeaderAliases.Comparer, OwnHeaderNames.Problem) is { } headers
            ? new HeadersMutator(headers)
            : null;

    public override void Apply(HttpContext context, Caller? caller, HttpRequestHeaders headers)
    {
        var values = _headers.Values(context, caller);
        for (var i = 0; i < values.Length; i++)
        {
            headers.Remove(_headers.Names[i]);
            if (values[i] is { } value)
                headers.TryAddWithoutValidation(_headers.Names[i], value);
        }
    }
}
