using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Gateway.Targets;

/// <summary>
/// What a Host may be. Names are compared as they travel: internationalised ones in punycode, in any letter case.
/// </summary>
internal static class HostName
{
    private static readonly SearchValues<string> Punycode = SearchValues.Create(["xn--"], StringComparison.OrdinalIgnoreCase);

    /// <summary>RFC 1035 section 2.3.4; <see cref="HostString"/> throws at longer ones of some characters.</summary>
    private const int MaxLabel = 63, MaxName = 253;

    private static readonly IdnMapping Idn = new();

    /// <summary>Kestrel lets pass what RFC 3986 calls a registered name: percent-encoding, and marks that no name has.</summary>
    private static readonly SearchValues<char> Characters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    /// <summary>
    /// The host without the one trailing dot that its name may have, otherwise as it came. Null when there cannot be such a
    /// host: no name, an empty label, two trailing dots, a label of more than 63 characters, a character that no name has, a
    /// port outside 1 to 65535, an address that is none, punycode that says nothing.
    /// </summary>
    /// <remarks>What passes here, <see cref="HostString"/> can read: it decodes punycode, and throws where it cannot.</remarks>
    public static string? Usable(string host)
    {
        var nameEnd = NameEnd(host);
        if (nameEnd < host.Length && !TryPort(host.AsSpan(nameEnd), out _)) return null;
        var name = host.AsSpan(0, nameEnd);
        if (name is ['[', ..]) return TryAddress(name, out _) ? host : null;
        var hasDot = name is [.., '.'];
        if (hasDot)
            name = name[..^1];
        if (!IsUsableName(name)) return null;
        return hasDot ? string.Concat(name, host.AsSpan(nameEnd)) : host;
    }

    /// <summary>Where the port with its colon begins, or the end; of an address in brackets behind them.</summary>
    public static int NameEnd(ReadOnlySpan<char> host)
    {
        var isAddress = host is ['[', ..];
        var found = host.IndexOf(isAddress ? ']' : ':');
        if (found < 0) return host.Length;
        return isAddress ? found + 1 : found;
    }

    /// <summary>Reads <c>:443</c>.</summary>
    public static bool TryPort(ReadOnlySpan<char> text, out int port)
    {
        port = 0;
        return text is [':', ..]
            && int.TryParse(text[1..], NumberStyles.None, CultureInfo.InvariantCulture, out port)
            && port is > 0 and <= ushort.MaxValue;
    }

    /// <summary>Reads an IPv6 address in its brackets.</summary>
    public static bool TryAddress(ReadOnlySpan<char> name, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        return name is ['[', .., ']']
            && !name.ContainsAny('%', '/')
            && IPAddress.TryParse(name[1..^1], out address)
            && address.AddressFamily is AddressFamily.InterNetworkV6;
    }

    /// <summary>An internationalised name in punycode and lower case; null: it is none.</summary>
    public static string? ToPunycode(string name)
    {
        try
        {
            // Without ICU, IdnMapping changes no letter case; names are equal in either.
            var ascii = Idn.GetAscii(name.ToLowerInvariant());
            return IsUsableName(ascii) ? ascii : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static bool IsUsableName(ReadOnlySpan<char> name) =>
        name is not ([] or ['.', ..] or [.., '.'])
        && !name.ContainsAnyExcept(Characters)
        && name.IndexOf("..") < 0
        && (name.Length <= MaxLabel || HasUsableLengths(name))
        && (!name.ContainsAny(Punycode) || IsPunycode(name.ToString()));

    private static bool HasUsableLengths(ReadOnlySpan<char> name)
    {
        foreach (var label in name.Split('.'))
            if (name[label].Length > MaxLabel) return false;
        return name.Length <= MaxName;
    }

    /// <summary>
    /// It decodes, and encodes to the same again. A capital letter in what it decodes to would be another spelling of the same
    /// name to who folds it.
    /// </summary>
    private static bool IsPunycode(string name)
    {
        try
        {
            var unicode = Idn.GetUnicode(name.ToLowerInvariant());
            return unicode.AsSpan().SequenceEqual(unicode.ToLowerInvariant())
                && !unicode.Any(c => char.IsControl(c) || char.IsWhiteSpace(c));
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
