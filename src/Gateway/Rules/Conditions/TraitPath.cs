using System.Text.Json;
using Gateway.Configuration;
using Gateway.Decisions;

namespace Gateway.Rules.Conditions;

/// <summary>Where a trait is: names joined by dots.</summary>
internal sealed record TraitPath(string Text)
{
    private readonly string[] _names = Text.Split('.');

    /// <summary>Whether it names an e-mail address, by what such traits are called (<c>email</c>, <c>work_mail</c>).</summary>
    public bool IsOfEmail => _names[^1].Contains("mail", StringComparison.OrdinalIgnoreCase);

    public bool Equals(TraitPath? other) => other is not null && Text == other.Text;

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    /// <summary>Null, with the problem told, when it is none.</summary>
    public static TraitPath? Read(string? text, string key, PlacedProblems problems)
    {
        if (text is not null && text.Split('.').All(name => name.Length > 0)) return new(text);
        problems.Add($"needs {key}: the trait's name, or names joined by dots");
        return null;
    }

    /// <summary>False: it is not there, or null.</summary>
    public bool TryFind(CallerSession? session, out JsonElement trait)
    {
        trait = default;
        if (session is null) return false;
        trait = session.Traits.Json;
        for (var i = 0; i < _names.Length; i++)
        {
            if (trait.ValueKind is not JsonValueKind.Object) return false;
            if (!trait.TryGetProperty(_names[i], out trait)) return false;
        }
        return trait.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);
    }

    /// <summary>A text in its own letters, however the session's JSON spells them; anything else as JSON.</summary>
    public string? Find(CallerSession? session)
    {
        if (!TryFind(session, out var trait)) return null;
        var text = trait.ValueKind is JsonValueKind.String ? trait.TextOrNull() : null;
        return text is null ? trait.GetRawText() : $"\"{text}\"";
    }
}
