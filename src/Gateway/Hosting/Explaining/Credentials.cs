using Microsoft.Extensions.Primitives;

namespace Gateway.Hosting.Explaining;

/// <summary>Header values that are not printed.</summary>
internal static class Credentials
{
    private static readonly string[] Words = ["authorization", "cookie", "token", "secret", "password", "credential", "key"];

    /// <summary>The value, or <c>***</c> where the header's name says that it opens something.</summary>
    public static string Masked(string name, StringValues value) =>
        Array.Exists(Words, word => name.Contains(word, StringComparison.OrdinalIgnoreCase)) ? "***" : value.ToString();
}
