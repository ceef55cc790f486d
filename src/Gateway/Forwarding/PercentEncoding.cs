using System.Buffers;
using System.Text;

namespace Gateway.Forwarding;

/// <summary>Text as ASCII that decodes to it: two texts never become one.</summary>
internal static class PercentEncoding
{
    /// <summary>Printable ASCII, the blank included, without these.</summary>
    public static SearchValues<char> AllPrintableBut(string others) =>
        SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c).Except(others)]);

    /// <param name="plain">What stands for itself; a blank only between others. Never <c>%</c>.</param>
    public static string Encode(string text, SearchValues<char> plain)
    {
        var inner = text.AsSpan().Trim(' ');
        if (inner.Length == text.Length && !inner.ContainsAnyExcept(plain)) return text;
        var encoded = new StringBuilder(text.Length + 16);
        var start = text.Length - text.AsSpan().TrimStart(' ').Length;
        var position = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            var isInner = position >= start && position < start + inner.Length;
            if (isInner && rune.IsAscii && plain.Contains((char)rune.Value))
                encoded.Append((char)rune.Value);
            else
                encoded.Append(Uri.EscapeDataString(rune.ToString()));
            position += rune.Utf16SequenceLength;
        }
        return encoded.ToString();
    }
}
