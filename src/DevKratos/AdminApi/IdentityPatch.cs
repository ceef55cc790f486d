using System.Text.Json;
using System.Text.Json.Nodes;
using DevKratos.State;
using DevKratos.Wire;

namespace DevKratos.AdminApi;

/// <summary>
/// The part of JSON Patch that administrators use on an identity: state, traits and metadata; add, replace and remove.
/// </summary>
internal static class IdentityPatch
{
    public static (Identity? Changed, string? Complaint) Apply(Identity identity, JsonElement? patch, DateTime now)
    {
        if (patch is not { ValueKind: JsonValueKind.Array } operations)
            return (null, "Expected a JSON Patch document: an array of operations.");
        var document = new JsonObject
        {
            ["state"] = identity.State,
            ["traits"] = JsonNode.Parse(identity.Traits.GetRawText()),
            ["metadata_public"] = identity.MetadataPublic is { } seen ? JsonNode.Parse(seen.GetRawText()) : null,
            ["metadata_admin"] = identity.MetadataAdmin is { } hidden ? JsonNode.Parse(hidden.GetRawText()) : null,
        };
        foreach (var operation in operations.EnumerateArray())
        {
            var op = operation.Member("op")?.GetString();
            var path = operation.Member("path")?.GetString()?.Split('/', StringSplitOptions.RemoveEmptyEntries) ?? [];
            if (op is not ("add" or "replace" or "remove") || path.Length == 0 || !document.ContainsKey(path[0]))
                return (null, $"DevKratos patches state, traits and metadata with add, replace and remove; not {op} "
                    + $"{operation.Member("path")}.");
            Set(
                document,
                path,
                op == "remove" || operation.Member("value") is not { } value ? null : JsonNode.Parse(value.GetRawText()),
                op == "remove");
        }

        var state = document["state"]?.GetValue<string>() ?? "active";
        if (state is not ("active" or "inactive"))
            return (null, $"identity state \"{state}\" is not valid, expected active or inactive");
        return (identity.WithTraits(JsonText.Element(document["traits"]?.ToJsonString() ?? "{}"), now) with
        {
            State = state,
            StateChangedAt = state == identity.State ? identity.StateChangedAt : now,
            MetadataPublic = Optional(document["metadata_public"]),
            MetadataAdmin = Optional(document["metadata_admin"]),
        }, null);
    }

    private static void Set(JsonObject into, ReadOnlySpan<string> path, JsonNode? value, bool remove)
    {
        if (path.Length == 1)
        {
            if (remove && into.Parent is not null)
                into.Remove(path[0]);
            else
                into[path[0]] = value;
            return;
        }

        if (into[path[0]] is not JsonObject inner)
            into[path[0]] = inner = [];
        Set(inner, path[1..], value, remove);
    }

    private static JsonElement? Optional(JsonNode? node) => node is null ? null : JsonText.Element(node.ToJsonString());
}
