using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Gateway.Targets;

/// <summary>
/// One entry of a route's <c>Hosts</c>: <c>api.example.org</c>, <c>*.example.org</c> (one label or more in front), <c>*</c>, or
/// an address such as <c>[::1]</c>, each with a port where one counts (<c>:5000</c>; <c>:*</c> is any). Patterns are equal when
/// they cover the same requests. A tie between routes is an equal pattern in both: no others cover one request and are equally
/// specific.
/// </summary>
/// <param name="Name">In lower case and punycode; of a wildcard what must be behind it, with its dot; empty: any name.</param>
/// <param name="Port">0: any.</param>
internal sealed record HostPattern(string Name, int Port)
{
    /// <summary>Covers every request; a route without <c>Hosts</c> is this one.</summary>
    public static readonly HostPattern Any = new("", 0);

    public bool IsWildcard => Name is ['.', ..];

    /// <summary>
    /// Of two patterns that cover a request the higher one is meant: exact before wildcard, longer wildcard before shorter, any
    /// name last, and among the same with a port before without.
    /// </summary>
    public int Specificity
    {
        get
        {
            var name = IsWildcard || Name.Length == 0 ? Name.Length : short.MaxValue;
            return name * 2 + (Port > 0 ? 1 : 0);
        }
    }

    /// <summary>
    /// Whether a request to this host is meant. Label borders count: <c>*.example.org</c> is neither <c>example.org</c> nor
    /// <c>badexample.org</c>.
    /// </summary>
    public bool Covers(ReadOnlySpan<char> name, int port)
    {
        if (Port > 0 && Port != port) return false;
        if (Name.Length == 0) return true;
        return IsWildcard
            ? name.Length > Name.Length && name.EndsWith(Name, StringComparison.OrdinalIgnoreCase)
            : name.Equals(Name, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Reads an entry of <c>Hosts</c>.</summary>
    /// <param name="problem">What is wrong with it and the cure, to stand behind the key and the value.</param>
    public static bool TryParse(
        string text,
        [NotNullWhen(true)] out HostPattern? pattern,
        [NotNullWhen(false)] out string? problem)
    {
        pattern = null;
        problem = Problem(text);
        if (problem is not null) return false;
        var nameEnd = HostName.NameEnd(text);
        var name = text[..nameEnd];
        HostName.TryPort(text.AsSpan(nameEnd), out var port);
        pattern = name switch
        {
            "*" => new("", port),
            ['*', .. var parent] => new("." + HostName.ToPunycode(parent[1..]), port),
            ['[', ..] => new(Address(name), port),
            _ => new(HostName.ToPunycode(name)!, port),
        };
        return true;
    }

    /// <summary>What is wrong with an entry of <c>Hosts</c>, with the cure; null: nothing.</summary>
    public static string? Problem(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return "is empty: name a host such as api.example.org or *.example.org, or leave Hosts out for every host";
        if (text.Contains("://", StringComparison.Ordinal))
            return "is a URL: name the host alone, such as api.example.org or api.example.org:8443";
        if (text.Contains('/', StringComparison.Ordinal)) return "holds a path: name the host alone, and the path in Match:Path";
        if (text.Any(char.IsWhiteSpace)) return "holds a space: name one host per entry";
        if (text[0] is not '[' && IPAddress.TryParse(text, out var address) && text.Contains(':', StringComparison.Ordinal))
            return $"is an IPv6 address without its brackets: write [{address}]";

        var nameEnd = HostName.NameEnd(text);
        if (nameEnd < text.Length && text.AsSpan(nameEnd) is not ":*" && !HostName.TryPort(text.AsSpan(nameEnd), out _))
            return "has a port that is none: behind the colon stands a number from 1 to 65535, or * for any";
        return NameProblem(text[..nameEnd]);
    }

    public override string ToString()
    {
        var name = IsWildcard || Name.Length == 0 ? "*" + Name : Name;
        return Port == 0 ? name : name + ":" + Port.ToString(CultureInfo.InvariantCulture);
    }

    private static string? NameProblem(string name)
    {
        if (name is ['[', ..])
            return HostName.TryAddress(name, out _) ? null : "is no IPv6 address: write one such as [::1] or [::1]:8443";
        if (name is "*") return null;
        if (name.Length == 0) return "names no host before the port: write *:5000 for every host on that port";
        var labels = name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name;
        if (labels.Contains('*', StringComparison.Ordinal))
            return "has a * where none can stand: it takes the place of whole labels at the front, such as *.example.org";
        if (labels is ['.', ..] or [] || labels.Contains("..", StringComparison.Ordinal))
            return "has an empty label between dots: take the dot out";
        if (labels is [.., '.'])
            return "ends in a dot: leave it out, a request's trailing dot is taken off before it is compared";
        if (HostName.ToPunycode(labels) is not null) return null;
        return "is no host name: labels of 1 to 63 letters, digits, - or _; not ASCII: as people read it, such as bücher.example";
    }

    /// <summary>The one way of writing it; <see cref="RequestHost"/> brings a request's address into it.</summary>
    private static string Address(string name) => HostName.TryAddress(name, out var address) ? $"[{address}]" : name;
}
