using System.Buffers;
using System.Globalization;
using System.Text;

namespace Gateway.Targets;

/// <summary>Ambiguities of a request target that a route may allow.</summary>
[Flags]
internal enum TargetTraits
{
    None = 0,

    /// <summary><c>%2F</c>: one segment to routing, two to a service that decodes first.</summary>
    EncodedSlash = 1,

    /// <summary><c>//</c>: kept by some, collapsed by others.</summary>
    EmptySegment = 2,

    /// <summary><c>/admin;x/y</c>: another path to the gateway, the same one to Tomcat.</summary>
    PathParameter = 4,

    /// <summary><c>%3B</c>: text, until somebody writes the path anew with <c>;</c>.</summary>
    EncodedSemicolon = 8,
}

/// <summary>
/// Proves in one pass, without allocation, that the raw path decoded once is the path that routing matches, and that no
/// service can sensibly read it as another: no dot segment, control or invisible character, backslash, double encoding, bad
/// percent-encoding or bad UTF-8. With that proof the raw bytes can be forwarded unchanged. What is refused and what is the
/// service's own to decide: docs/forwarding.md.
/// </summary>
internal static class TargetCheck
{
    private static readonly SearchValues<char> PlainPath =
        SearchValues.Create("!$&'()*+,-./0123456789:=@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~");

    /// <summary>False for a target that is refused whatever the route.</summary>
    /// <param name="target">The raw request target: path and query as received.</param>
    /// <param name="path">The path as Kestrel decoded it, which routing matches.</param>
    public static bool IsUnambiguous(ReadOnlySpan<char> target, ReadOnlySpan<char> path, out TargetTraits traits)
    {
        traits = TargetTraits.None;
        var query = target.IndexOf('?');
        var rawPath = query < 0 ? target : target[..query];
        if (rawPath.IsEmpty || rawPath[0] is not '/') return false; // not origin-form (RFC 9112 section 3.2.1)
        if (query >= 0 && !IsPlainQuery(target[(query + 1)..])) return false;

        var isPlain = !rawPath.ContainsAnyExcept(PlainPath);
        if (isPlain && rawPath.IndexOf("/.") < 0 && rawPath.IndexOf("//") < 0)
            return rawPath.SequenceEqual(path);
        return IsUnambiguousPath(rawPath, path, ref traits);
    }

    /// <summary>A query is passed on as it is; only what could end it or the request line is refused.</summary>
    private static bool IsPlainQuery(ReadOnlySpan<char> query) =>
        !query.ContainsAnyExceptInRange('!', '~') && !query.Contains('#');

    private static bool IsUnambiguousPath(ReadOnlySpan<char> raw, ReadOnlySpan<char> path, ref TargetTraits traits)
    {
        var segment = default(Segment);
        var decoded = 0; // position in path
        var previous = '/'; // what stands before, if it is ASCII
        Span<char> utf16 = stackalloc char[2];
        for (var i = 0; i < raw.Length; i++)
        {
            var c = raw[i];
            if (c is '/')
            {
                if (i > 0 && !segment.End(ref traits)) return false;
                segment = default;
            }
            else if (c is ';')
            {
                traits |= TargetTraits.PathParameter;
                segment.NameEnded = true;
            }
            else if (c is '%')
            {
                if (!TryDecode(raw, ref i, out var rune, out var isSlash)) return false;
                if (isSlash)
                {
                    // Routing keeps %2F as text, so it is compared as text; for dot segments it ends a segment.
                    traits |= TargetTraits.EncodedSlash;
                    if (!Matches(path, ref decoded, raw[(i - 2)..(i + 1)]) || !segment.End(ref traits)) return false;
                    segment = default;
                    previous = '/';
                    continue;
                }
                if (rune.Value is ';')
                    traits |= TargetTraits.EncodedSemicolon;
                if (Invisible.IsIn(rune, behindAscii: previous is not '\0') || !segment.TryAdd(rune.Value)) return false;
                previous = rune.IsAscii ? (char)rune.Value : '\0';
                if (!Matches(path, ref decoded, utf16[..rune.EncodeToUtf16(utf16)])) return false;
                if (rune.Value is '%' && IsDoubleEncoded(path[decoded..])) return false;
                continue;
            }
            else
            {
                if (!PlainPath.Contains(c)) return false;
                segment.Add(c);
            }
            previous = c;
            if (!Matches(path, ref decoded, new ReadOnlySpan<char>(in c))) return false;
        }
        return segment.EndLast() && decoded == path.Length;
    }

    /// <summary>
    /// Decodes the escape, or the whole UTF-8 sequence of escapes, at <paramref name="i"/> and moves to its last character.
    /// </summary>
    private static bool TryDecode(ReadOnlySpan<char> raw, ref int i, out Rune rune, out bool isSlash)
    {
        rune = default;
        isSlash = false;
        if (!TryByte(raw, i, out var first)) return false;
        if (first is (byte)'/')
        {
            isSlash = true;
            i += 2;
            return true;
        }

        Span<byte> utf8 = stackalloc byte[4];
        utf8[0] = first;
        var length = first switch { < 0x80 => 1, < 0xE0 => 2, < 0xF0 => 3, _ => 4 };
        for (var n = 1; n < length; n++)
            if (!TryByte(raw, i + 3 * n, out utf8[n])) return false;
        if (Rune.DecodeFromUtf8(utf8[..length], out rune, out var used) is not OperationStatus.Done) return false;
        if (used != length) return false;
        if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control || rune.Value is '\\') return false;
        i += 3 * length - 1;
        return true;
    }

    /// <summary>
    /// Whether what follows <c>%25</c> would decode to something that a route can be told by, or that changes the path: a letter,
    /// digit or mark that nobody has to encode, a slash, backslash, semicolon, percent, question mark, hash or control character,
    /// or the UTF-8 of a letter beyond ASCII. It is looked at decoded, because its two digits may be encoded, too
    /// (<c>%25%32%46</c>).
    /// </summary>
    private static bool IsDoubleEncoded(ReadOnlySpan<char> next)
    {
        if (!TryHex(next, out var inner)) return false;
        if (inner < 0x80)
            return inner is < 0x20 or 0x7F || char.IsAsciiLetterOrDigit((char)inner) || @"-._~/\;%?#".Contains((char)inner);
        return inner is >= 0xC2 and <= 0xF4 && next[2..] is ['%', ..] && TryHex(next[3..], out var following)
            && following is >= 0x80 and < 0xC0;
    }

    private static bool TryHex(ReadOnlySpan<char> text, out byte value)
    {
        value = 0;
        return text.Length >= 2
            && byte.TryParse(text[..2], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }

    private static bool TryByte(ReadOnlySpan<char> raw, int i, out byte value)
    {
        value = 0;
        if (i + 2 >= raw.Length || raw[i] is not '%') return false;
        return TryHex(raw[(i + 1)..], out value);
    }

    private static bool Matches(ReadOnlySpan<char> path, ref int position, ReadOnlySpan<char> expected)
    {
        if (!path[position..].StartsWith(expected, StringComparison.Ordinal)) return false;
        position += expected.Length;
        return true;
    }

    /// <summary>
    /// What is known of the segment being read: <c>.</c> and <c>..</c> are refused also with parameters behind them, and where
    /// dots, slashes or semicolons are written in their wider forms, which some services fold (Unicode NFKC, best fit).
    /// </summary>
    private ref struct Segment
    {
        private int _length;
        private bool _hasOther;
        private bool _isWide;

        /// <summary>A semicolon was seen: what follows does not belong to the segment's name.</summary>
        public bool NameEnded { get; set; }

        public void Add(int character)
        {
            if (NameEnded) return;
            _length++;
            _hasOther |= character is not '.';
        }

        /// <summary>A decoded character; false: it ends what would be a dot segment once folded.</summary>
        public bool TryAdd(int character)
        {
            switch (character)
            {
                case ';' or 0x37E or 0xFF1B: // Greek question mark, fullwidth semicolon
                    NameEnded = true;
                    return true;
                case 0xFF0F or 0xFF3C or 0xFE68 or 0x2044 or 0x2215 or 0x2216: // wide slashes, fraction, division, set minus
                    if (!EndLast()) return false;
                    this = new Segment { _isWide = true };
                    return true;
                case 0xFF0E or 0xFE52 or 0x2024: // fullwidth and small full stop, one dot leader
                    Add('.');
                    return true;
                case 0x2025: // two dot leader
                    Add('.');
                    Add('.');
                    return true;
                default:
                    Add(character);
                    return true;
            }
        }

        public readonly bool End(ref TargetTraits traits)
        {
            if (_length == 0 && !NameEnded && !_isWide)
                traits |= TargetTraits.EmptySegment;
            return EndLast();
        }

        /// <summary>The last segment may be empty: a trailing slash is no ambiguity.</summary>
        public readonly bool EndLast() => _hasOther || _length is 0 or > 2;
    }
}
