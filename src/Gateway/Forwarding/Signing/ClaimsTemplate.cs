using System.Text.Json;
using Gateway.Templates;

namespace Gateway.Forwarding.Signing;

/// <summary>Adds a problem at a place below the section, such as <c>:Claims:email</c>.</summary>
internal delegate void ClaimProblem(string place, string problem);

/// <summary>
/// A token's claims: a tree of templates. A placeholder that stands alone keeps its JSON type; a claim that comes out as
/// nothing is left out.
/// </summary>
internal sealed class ClaimsTemplate
{
    /// <summary>Only the gateway says these (RFC 7519 section 4.1).</summary>
    private static readonly string[] Reserved = ["iss", "aud", "sub", "iat", "nbf", "exp", "jti"];

    private static readonly string All = string.Join(", ", Reserved);

    private readonly ObjectNode _root;

    private ClaimsTemplate(ObjectNode root)
    {
        _root = root;
        NeedsSession = root.Templates.Any(template => template.NeedsSession);
        NeedsRequest = root.Templates.Any(template => template.NeedsRequest);
    }

    public bool NeedsSession { get; }

    public bool NeedsRequest { get; }

    /// <summary>Reads the tree; every mistake goes to <paramref name="add"/>.</summary>
    public static ClaimsTemplate Read(JsonElement json, ClaimProblem add)
    {
        var root = new ObjectNode([]);
        if (json.ValueKind is not JsonValueKind.Object)
        {
            if (json.ValueKind is not JsonValueKind.Null)
                add("", "is not a map of claims: write { email: \"{identity.traits.email}\" }");
            return new(root);
        }
        foreach (var property in json.EnumerateObject())
        {
            if (Reserved.Contains(property.Name, StringComparer.OrdinalIgnoreCase))
                add($":{property.Name}", $"is a claim that only the gateway sets ({All}): choose another name");
            else
                root.Members.Add((property.Name, Read(property.Value, $":{property.Name}", add)));
        }
        return new(root);
    }

    /// <summary>Writes the claims as members of the object that is open.</summary>
    public void WriteTo(Utf8JsonWriter writer, in TemplateContext context)
    {
        foreach (var (name, node) in _root.Members)
            node.Write(writer, name, context);
    }

    private static Node Read(JsonElement json, string place, ClaimProblem add)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                return new ObjectNode([.. json.EnumerateObject().Select(p => (p.Name, Read(p.Value, $"{place}:{p.Name}", add)))]);
            case JsonValueKind.Array:
                return new ListNode([.. json.EnumerateArray().Select((item, i) => Read(item, $"{place}:{i}", add))]);
            default:
                var template = Template.Read(json.GetString() ?? "", out var problem);
                if (problem is not null)
                    add(place, problem);
                return new ValueNode(template);
        }
    }

    private abstract record Node
    {
        public abstract IEnumerable<Template> Templates { get; }

        /// <param name="name">Null: an item of a list.</param>
        public abstract void Write(Utf8JsonWriter writer, string? name, in TemplateContext context);

        protected static void Name(Utf8JsonWriter writer, string? name)
        {
            if (name is not null)
                writer.WritePropertyName(name);
        }
    }

    private sealed record ObjectNode(List<(string Name, Node Node)> Members) : Node
    {
        public override IEnumerable<Template> Templates => Members.SelectMany(member => member.Node.Templates);

        public override void Write(Utf8JsonWriter writer, string? name, in TemplateContext context)
        {
            Name(writer, name);
            writer.WriteStartObject();
            foreach (var (key, node) in Members)
                node.Write(writer, key, context);
            writer.WriteEndObject();
        }
    }

    private sealed record ListNode(List<Node> Items) : Node
    {
        public override IEnumerable<Template> Templates => Items.SelectMany(item => item.Templates);

        public override void Write(Utf8JsonWriter writer, string? name, in TemplateContext context)
        {
            Name(writer, name);
            writer.WriteStartArray();
            foreach (var item in Items)
                item.Write(writer, null, context);
            writer.WriteEndArray();
        }
    }

    private sealed record ValueNode(Template? Template) : Node
    {
        public override IEnumerable<Template> Templates => Template is null ? [] : [Template];

        public override void Write(Utf8JsonWriter writer, string? name, in TemplateContext context)
        {
            var value = Template!.Value(context);
            if (value is { Text: null, Json.ValueKind: JsonValueKind.Undefined }) return;
            Name(writer, name);
            value.WriteTo(writer);
        }
    }
}
