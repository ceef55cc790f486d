using System.Collections.Immutable;
using System.Text.Json;
using DevKratos.State;

namespace DevKratos.Wire;

/// <summary>Flows on the wire. The members and their order differ between the kinds, as they do in Kratos.</summary>
internal sealed class FlowJson(Func<Uri> publicBase, SessionJson sessions)
{
    public void Write(Utf8JsonWriter json, Flow flow, Identity? identity = null, string? continueTo = null)
    {
        json.WriteStartObject();
        json.WriteString("id", flow.Id);
        if (flow.Kind == FlowKind.Login)
            json.WriteNull("organization_id");
        json.WriteString("type", flow.IsApi ? "api" : "browser");
        json.WriteString("expires_at", flow.ExpiresAt);
        json.WriteString("issued_at", flow.IssuedAt);
        json.WriteString("request_url", flow.RequestUrl);
        if (flow.Kind == FlowKind.Verification)
            json.WriteString("active", "code");
        if (flow.ReturnTo is not null)
            json.WriteString("return_to", flow.ReturnTo);
        WriteUi(json, flow);
        switch (flow.Kind)
        {
            case FlowKind.Login:
                json.WriteString("created_at", flow.IssuedAt);
                json.WriteString("updated_at", flow.IssuedAt);
                json.WriteBoolean("refresh", flow.Refresh);
                json.WriteString("requested_aal", flow.RequestedAal);
                break;
            case FlowKind.Registration:
                json.WriteNull("organization_id");
                break;
            case FlowKind.Settings when identity is not null:
                json.WritePropertyName("identity");
                sessions.Write(json, identity, IdentityView.Public);
                break;
        }

        json.WriteString("state", flow.State);
        if (continueTo is not null)
            WriteContinueWith(json, [("redirect_browser_to", [("redirect_browser_to", continueTo)])]);
        json.WriteEndObject();
    }

    public static void WriteContinueWith(Utf8JsonWriter json, IEnumerable<(string Action, (string, object)[] Members)> steps)
    {
        json.WriteStartArray("continue_with");
        foreach (var (action, members) in steps)
        {
            json.WriteStartObject();
            json.WriteString("action", action);
            foreach (var (name, value) in members)
                json.WriteValue(name, value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteUi(Utf8JsonWriter json, Flow flow)
    {
        json.WriteStartObject("ui");
        json.WriteString(
            "action",
            new Uri(publicBase(), $"self-service/{flow.Kind.ToString().ToLowerInvariant()}?flow={flow.Id}").AbsoluteUri);
        json.WriteString("method", "POST");
        if (flow.Nodes is { } nodes)
        {
            json.WriteStartArray("nodes");
            foreach (var node in nodes)
                WriteNode(json, node);
            json.WriteEndArray();
        }
        else
        {
            json.WriteNull("nodes");
        }

        if (flow.Messages.Length > 0)
            WriteTexts(json, "messages", flow.Messages);
        json.WriteEndObject();
    }

    private static void WriteNode(Utf8JsonWriter json, UiNode node)
    {
        json.WriteStartObject();
        json.WriteString("type", node.Type);
        json.WriteString("group", node.Group);
        json.WriteStartObject("attributes");
        switch (node.Attributes)
        {
            case InputAttributes input:
                json.WriteString("name", input.Name);
                json.WriteString("type", input.Type);
                if (input.Value is not null)
                    json.WriteString("value", input.Value);
                if (input.Required)
                    json.WriteBoolean("required", true);
                if (input.Autocomplete is not null)
                    json.WriteString("autocomplete", input.Autocomplete);
                json.WriteBoolean("disabled", false);
                break;
            case ImageAttributes image:
                json.WriteString("src", image.Source);
                json.WriteString("id", image.Id);
                json.WriteNumber("width", image.Width);
                json.WriteNumber("height", image.Height);
                break;
            case TextAttributes text:
                json.WritePropertyName("text");
                WriteText(json, text.Text);
                json.WriteString("id", text.Id);
                break;
        }

        json.WriteString("node_type", node.Type);
        json.WriteEndObject();
        WriteTexts(json, "messages", node.Messages);
        json.WriteStartObject("meta");
        if (node.Label is { } label)
        {
            json.WritePropertyName("label");
            WriteText(json, label);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, ImmutableArray<UiText> texts)
    {
        json.WriteStartArray(name);
        if (!texts.IsDefault)
        {
            foreach (var text in texts)
                WriteText(json, text);
        }

        json.WriteEndArray();
    }

    private static void WriteText(Utf8JsonWriter json, UiText text)
    {
        json.WriteStartObject();
        json.WriteNumber("id", text.Id);
        json.WriteString("text", text.Text);
        json.WriteString("type", text.Type);
        if (!text.Context.IsDefaultOrEmpty)
        {
            json.WriteStartObject("context");
            foreach (var (name, value) in text.Context)
                json.WriteValue(name, value);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
