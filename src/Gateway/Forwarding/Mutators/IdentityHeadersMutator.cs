using System.Net.Http.Headers;
using System.Text.Json;
using Gateway.Decisions;

namespace Gateway.Forwarding.Mutators;

/// <summary>The identity headers of the configuration, compiled.</summary>
internal sealed class IdentityHeadersMutator : Mutator
{
    private readonly string[] _names;
    private readonly HeaderTemplate[] _templates;
    private readonly UnsendableValue _unsendable;
    private readonly UnsentValues? _unsent;

    /// <param name="unsent">Null: it only renders.</param>
    public IdentityHeadersMutator(ForwardingOptions options, UnsentValues? unsent = null)
    {
        (_unsendable, _unsent) = (options.OnUnsendableValue, unsent);
        _names = [.. options.Headers.Keys];
        _templates = [.. options.Headers.Values.Select(HeaderTemplate.Parse)];
    }

    public override IReadOnlyList<string> HeaderNames => _names;

    /// <summary>The values for one session, rendered once when it is cached; as <see cref="HeaderValue.Of"/> has them.</summary>
    public string?[] Render(JsonElement session)
    {
        var values = new string?[_templates.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = HeaderValue.Of(_templates[i].Render(new(session)), _unsendable);
        return values;
    }

    public override void Apply(HttpContext context, Caller? caller, HttpRequestHeaders headers)
    {
        if (caller is null) return;
        var values = caller.IdentityHeaders;
        for (var i = 0; i < values.Length; i++)
            UnsentValues.AddOrReport(headers, _names[i], values[i], context, _unsent);
    }
}
