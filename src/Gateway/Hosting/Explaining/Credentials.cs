using Microsoft.Extensions.Primitives;

namespace Gateway.Hosting.Explaining;

/// <summary>Header values that are not printed.</summary>
internal static class Credentials
{
    private static readonly string[] Words = ["authorization", "cookie", "token", "secret", "password", "credential", "key"];

    /// <summary>
    /// The value, or <c>***</c> where the header's name says that it opens something, or it is a signed token, whatever its
    /// header is called: one for an invented session would be as good as any.
    /// </summary>
    public static string Masked(string name, StringValues value) =>
        Array.Exists(Words, word => name.Contains(word, StringComparison.OrdinalIgnoreCase)) || value.Any(IsSigned)
            ? "***"
            : value.ToString();

    /// <summary>Three parts, of which the first is a JSON object in Base64 (RFC 7515 section 3.1).</summary>
    private static bool IsSigned(string? value) =>
        value is not null && value.StartsWith("eyJ", StringComparison.Ordinal) && value.Count(c => c == '.') == 2;
}
