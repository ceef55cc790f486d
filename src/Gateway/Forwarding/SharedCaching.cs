using Microsoft.Extensions.Primitives;

namespace Gateway.Forwarding;

/// <summary>
/// What an answer's Cache-Control says of caches that serve many people (RFC 9111 sections 3 and 5.2.2), and how it reads when
/// none of them may keep it.
/// </summary>
internal static class SharedCaching
{
    /// <summary>
    /// Whether a shared cache may keep an answer with these lines: <c>public</c>, <c>s-maxage</c>, or a time to live without
    /// <c>private</c>, <c>no-store</c> or <c>no-cache</c>. With names behind it, <c>private</c> is about those fields only.
    /// </summary>
    /// <param name="hasExpires">Whether the answer has a time to live in Expires.</param>
    public static bool IsAllowed(StringValues lines, bool hasExpires)
    {
        var (isShared, lives, isGuarded) = (false, hasExpires, false);
        foreach (var line in lines)
        {
            if (line is null or "no-store" or "no-cache" or "private")
            {
                isGuarded |= line is not null;
                continue;
            }
            var rest = line.AsSpan();
            while (Next(ref rest, out var directive))
            {
                var name = Name(directive);
                isShared |= Is(name, "public") || Is(name, "s-maxage");
                lives |= Is(name, "max-age");
                var isWhole = name.Length == directive.Length;
                isGuarded |= isWhole && (Is(name, "private") || Is(name, "no-store") || Is(name, "no-cache"));
            }
        }
        return isShared || lives && !isGuarded;
    }

    /// <summary>The lines as one, which says <c>private</c> and otherwise what they said.</summary>
    public static string Denied(StringValues lines)
    {
        List<string> kept = ["private"];
        foreach (var line in lines)
        {
            var rest = line.AsSpan();
            while (Next(ref rest, out var directive))
            {
                var name = Name(directive);
                if (!Is(name, "public") && !Is(name, "s-maxage") && !Is(name, "private"))
                    kept.Add(directive.ToString());
            }
        }
        return string.Join(", ", kept);
    }

    /// <summary>Takes the next directive off, trimmed and not empty. A comma in a quoted text does not end one.</summary>
    private static bool Next(ref ReadOnlySpan<char> rest, out ReadOnlySpan<char> directive)
    {
        directive = default;
        while (directive.IsEmpty && !rest.IsEmpty)
        {
            var end = End(rest);
            directive = rest[..end].Trim();
            rest = end < rest.Length ? rest[(end + 1)..] : default;
        }
        return !directive.IsEmpty;
    }

    private static int End(ReadOnlySpan<char> text)
    {
        var isQuoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '"')
                isQuoted = !isQuoted;
            else if (isQuoted && text[i] == '\\')
                i++;
            else if (!isQuoted && text[i] == ',')
                return i;
        }
        return text.Length;
    }

    private static ReadOnlySpan<char> Name(ReadOnlySpan<char> directive)
    {
        var equals = directive.IndexOf('=');
        return equals < 0 ? directive : directive[..equals].TrimEnd();
    }

    private static bool Is(ReadOnlySpan<char> name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);
}
