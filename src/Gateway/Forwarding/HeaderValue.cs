using System.Buffers;

namespace Gateway.Forwarding;

/// <summary>What becomes of a value that cannot be sent exactly.</summary>
internal enum UnsendableValue
{
    /// <summary>It is not sent, and the log says so.</summary>
    Omit,

    /// <summary>Every value is percent-encoded, so that whoever decodes it has the exact one.</summary>
    PercentEncode,
}

/// <summary>
/// A text as a header's value: exactly, encoded, or not at all. Never changed on the way, so that two people whom a rule tells
/// apart are two people to the service.
/// </summary>
internal static class HeaderValue
{
    /// <summary>Longer values are not sent: services commonly refuse 8 kB of headers in all.</summary>
    public const int MaxLength = 4096;

    /// <summary>Stands, by reference, for a value that there is and that cannot be sent.</summary>
    public static readonly string Unsendable = new('\0', 1);

    /// <summary>What stands in an encoded value as it is.</summary>
    private static readonly SearchValues<char> Plain = PercentEncoding.AllPrintableBut("%");

    /// <summary>The value; null when there is none, <see cref="Unsendable"/> when it cannot be sent.</summary>
    public static string? Of(string? text, UnsendableValue unsendable)
    {
        if (string.IsNullOrEmpty(text)) return null;
        if (unsendable is UnsendableValue.PercentEncode)
            text = PercentEncoding.Encode(text, Plain);
        return IsExact(text) ? text : Unsendable;
    }

    /// <summary>
    /// Control characters would end the line or be lost, and blanks around a value are no part of it (RFC 9110 section 5.5).
    /// </summary>
    private static bool IsExact(string text) =>
        text.Length <= MaxLength
        && !char.IsWhiteSpace(text[0])
        && !char.IsWhiteSpace(text[^1])
        && !text.Any(char.IsControl);
}
