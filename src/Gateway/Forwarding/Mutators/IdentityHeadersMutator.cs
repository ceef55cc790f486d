using System.Net.Http.Headers;
using System.Text.Json;
using Gateway.Decisions;

namespace Gateway.Forwarding.Mutators;

/// <summary>The identity headers of the configuration, compiled.</summary>
internal sealed class IdentityHeadersMutator : Mutator
{
    private readonly string[] _names;
    private readonly HeaderTemplate[] _templates;

    public IdentityHeadersMutator(ForwardingOptions options)
    {
        _names = [.. options.Headers.Keys];
        _templates = [.. options.Headers.Values.Select(HeaderTemplate.Parse)];
    }

    public override IReadOnlyList<string> HeaderNames => _names;

    /// <summary>The values for one session, rendered once when it is cached; null where nothing is sent.</summary>
    public string?[] Render(JsonElement session)
    {
        var values = new string?[_templates.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = _templates[i].Render(session);
        return values;
    }

    public override void Apply(HttpContext context, Caller? caller, HttpRequestHeaders headers)
    {
        if (caller is null) return;
        var values = caller.IdentityHeaders;
        for (var i = 0; i < values.Length; i++)
            if (values[i] is { } value)
                headers.TryAddWithoutValidation(_names[i], value);
    }
}
