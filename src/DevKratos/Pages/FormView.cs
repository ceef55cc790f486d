using System.Text;
using System.Text.Json;

namespace DevKratos.Pages;

/// <summary>Renders a flow's <c>ui.nodes</c> as a plain HTML form that posts to the flow's own action.</summary>
internal static class FormView
{
    /// <summary>The flow's messages: errors are announced at once, the others politely.</summary>
    public static string Messages(JsonElement flow)
    {
        if (!flow.GetProperty("ui").TryGetProperty("messages", out var messages)) return "";
        var html = new StringBuilder();
        foreach (var message in messages.EnumerateArray())
        {
            var type = message.GetProperty("type").GetString();
            var role = type == "error" ? "alert" : "status";
            var text = Layout.Text(message.GetProperty("text").GetString());
            html.Append($"<p class=\"message {Layout.Text(type)}\" role=\"{role}\">{text}</p>\n");
        }

        return html.ToString();
    }

    /// <summary>
    /// One form with the nodes of these groups, and the anti-CSRF token whatever its group. Empty when no group has a node. A
    /// field with a mistake has the focus.
    /// </summary>
    public static string Form(JsonElement flow, params ReadOnlySpan<string> groups)
    {
        var ui = flow.GetProperty("ui");
        if (ui.GetProperty("nodes").ValueKind != JsonValueKind.Array) return "";
        var html = new StringBuilder();
        var buttons = new StringBuilder();
        var any = false;
        foreach (var node in ui.GetProperty("nodes").EnumerateArray())
        {
            var isToken = Attribute(node, "name") == "csrf_token";
            if (!isToken && !groups.Contains(node.GetProperty("group").GetString()!)) continue;
            any |= !isToken;
            (Attribute(node, "type") == "submit" ? buttons : html).Append(Node(node));
        }

        return any
            ? $"<form method=\"post\" action=\"{Layout.Text(ui.GetProperty("action").GetString())}\" novalidate>\n{html}<div "
                + $"class=\"actions\">\n{buttons}</div>\n</form>\n"
            : "";
    }

    /// <summary>
    /// The form with the focus in its first empty field, for pages whose form is all they are about. A field with a mistake keeps
    /// it.
    /// </summary>
    public static string Focused(string form)
    {
        const string Field = "<input id=";
        if (form.Contains(" autofocus", StringComparison.Ordinal)) return form;
        var empty = form.IndexOf(" value=\"\"", StringComparison.Ordinal);
        var at = empty < 0
            ? form.IndexOf(Field, StringComparison.Ordinal)
            : form.LastIndexOf(Field, empty, StringComparison.Ordinal);
        return at < 0 ? form : form.Insert(at + "<input".Length, " autofocus");
    }

    /// <summary>The value of the input with that name, where the form has one.</summary>
    public static string? Value(JsonElement flow, string name)
    {
        var nodes = flow.GetProperty("ui").GetProperty("nodes");
        if (nodes.ValueKind != JsonValueKind.Array) return null;
        foreach (var node in nodes.EnumerateArray())
        {
            if (Attribute(node, "name") == name) return Attribute(node, "value");
        }

        return null;
    }

    private static string Node(JsonElement node) => node.GetProperty("type").GetString() switch
    {
        "input" => Attribute(node, "type") switch
        {
            "hidden" => $"<input type=\"hidden\" name=\"{Name(node)}\" value=\"{Layout.Text(Attribute(node, "value"))}\">\n",
            "submit" => Button(node),
            _ => Field(node),
        },
        "text" => Secret(node),
        _ => "",
    };

    private static string Field(JsonElement node)
    {
        var name = Name(node);
        var id = "field-" + name.Replace('.', '-');
        var problems = node.GetProperty("messages").EnumerateArray().Select(m => m.GetProperty("text").GetString()).ToList();
        var autocomplete = Attribute(node, "autocomplete") ?? Attribute(node, "name") switch
        {
            "identifier" => "username",
            "totp_code" or "code" => "one-time-code",
            "traits.name.first" => "given-name",
            "traits.name.last" => "family-name",
            _ => null,
        };
        var numeric = autocomplete == "one-time-code" ? " inputmode=\"numeric\"" : "";
        var required = node.GetProperty("attributes").TryGetProperty("required", out var r) && r.GetBoolean() ? " required" : "";
        var invalid = problems.Count > 0 ? $" aria-invalid=\"true\" aria-describedby=\"{id}-problem\" autofocus" : "";
        var hint = problems.Count > 0
            ? $"<p class=\"hint\" id=\"{id}-problem\" role=\"alert\">{Layout.Text(string.Join(' ', problems))}</p>\n"
            : "";
        return $"""
            <div class="field">
            <label for="{id}">{Layout.Text(Label(node))}</label>
            <input id="{id}" name="{name}" type="{Layout.Text(Attribute(node, "type"))}" value="{Layout.Text(Attribute(node, "value"))}"{(autocomplete is null ? "" : $" autocomplete=\"{autocomplete}\"")}{numeric}{required}{invalid}>
            {hint}</div>

            """;
    }

    private static string Button(JsonElement node)
    {
        var quiet = Attribute(node, "name") is "screen" or "totp_unlink" ? " class=\"quiet\"" : "";
        return $"<button type=\"submit\" name=\"{Name(node)}\" "
            + $"value=\"{Layout.Text(Attribute(node, "value"))}\"{quiet}>{Layout.Text(Label(node))}</button>\n";
    }

    private static string Secret(JsonElement node)
    {
        var text = node.GetProperty("attributes").GetProperty("text").GetProperty("text").GetString();
        return $"<div class=\"field\"><span class=\"label\">Secret</span>\n<code class=\"block\" "
            + $"id=\"{Layout.Text(Attribute(node, "id"))}\">{Layout.Text(text)}</code></div>\n";
    }

    private static string Name(JsonElement node) => Layout.Text(Attribute(node, "name"));

    private static string Label(JsonElement node) =>
        node.GetProperty("meta").TryGetProperty("label", out var label)
            ? label.GetProperty("text").GetString()!
            : Attribute(node, "name") ?? "";

    private static string? Attribute(JsonElement node, string name) =>
        node.GetProperty("attributes").TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
