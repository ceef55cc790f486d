using System.Text.RegularExpressions;

namespace DevKratos.ContractTests.Support;

/// <summary>
/// The values of this run that a recording's request refers to: <c>{flow}</c>, <c>{email}</c>, <c>{session_cookie}</c> and so on.
/// </summary>
internal sealed partial class StageVariables
{
    private readonly Dictionary<string, Func<string>> _values = [];

    public string this[string name]
    {
        get =>
            _values.TryGetValue(name, out var value) ? value() : throw new KeyNotFoundException($"No step has made {{{name}}}.");
        set => _values[name] = () => value;
    }

    public void Compute(string name, Func<string> value) => _values[name] = value;

    public string Fill(string template) => Name().Replace(template, match =>
    {
        var name = match.Groups[1].Value;
        return name.EndsWith("_escaped", StringComparison.Ordinal)
            ? Uri.EscapeDataString(this[name[..^"_escaped".Length]])
            : this[name];
    });

    [GeneratedRegex(@"\{([a-z_]+)\}")]
    private static partial Regex Name();
}
