using System.Net.Http.Headers;
using System.Text.Json;
using Gateway.Decisions;

namespace Gateway.Forwarding.Mutators;

/// <summary><c>Headers</c>: request headers from templates. One takes the place of an identity header of its name.</summary>
internal sealed class HeadersMutator : Mutator
{
    private readonly NamedTemplates _headers;

    private readonly UnsentValues? _unsent;

    private HeadersMutator(NamedTemplates headers, UnsentValues? unsent) => (_headers, _unsent) = (headers, unsent);

    public override IReadOnlyList<string> HeaderNames => _headers.Names;

    /// <summary>By which a caller keeps the values.</summary>
    internal NamedTemplates Templates => _headers;

    public override bool NeedsSession => _headers.NeedsSession;

    public static Mutator? Read(JsonElement value, MutatorReading reading) =>
        NamedTemplates.Read(
            value,
            reading,
            name => OwnHeaderNames.Problem(name) ?? reading.Clash(name),
            text => HeaderValue.Of(text, reading.OnUnsendableValue)) is { } headers
            ? new HeadersMutator(headers, reading.Unsent)
            : null;

    public override void Apply(HttpContext context, Caller? caller, HttpRequestHeaders headers)
    {
        var values = _headers.Values(context, caller);
        for (var i = 0; i < values.Length; i++)
        {
            headers.Remove(_headers.Names[i]);
            UnsentValues.AddOrReport(headers, _headers.Names[i], values[i], context, _unsent);
        }
    }
}
