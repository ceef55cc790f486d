using System.Collections.Immutable;

namespace DevKratos.State;

/// <summary>A message or label with Kratos' own number. <see cref="Context"/> holds strings and numbers only.</summary>
internal sealed record UiText(
    long Id, string Text, string Type = "info", ImmutableArray<(string Name, object Value)> Context = default);

/// <summary>One element of a flow's form, in the shape of Kratos' <c>ui.nodes</c>.</summary>
internal sealed record UiNode(
    string Type, string Group, UiAttributes Attributes, UiText? Label = null, ImmutableArray<UiText> Messages = default)
{
    public string? Name => (Attributes as InputAttributes)?.Name;

    public UiNode WithMessage(UiText message) => this with { Messages = [message] };

    public UiNode WithValue(string? value) => this with { Attributes = ((InputAttributes)Attributes) with { Value = value } };

    public static UiNode Input(
        string group,
        string name,
        string type,
        string? value = null,
        bool required = false,
        string? autocomplete = null,
        UiText? label = null) =>
        new("input", group, new InputAttributes(name, type, value, required, autocomplete), label);

    public static UiNode Submit(string group, string method, UiText label) =>
        Input(group, "method", "submit", method, label: label);

    public static UiNode Csrf(string token) => Input("default", "csrf_token", "hidden", token, required: true);
}

internal abstract record UiAttributes;

internal sealed record InputAttributes(
    string Name, string Type, string? Value, bool Required, string? Autocomplete) : UiAttributes;

internal sealed record ImageAttributes(string Id, string Source, int Width, int Height) : UiAttributes;

internal sealed record TextAttributes(string Id, UiText Text) : UiAttributes;
