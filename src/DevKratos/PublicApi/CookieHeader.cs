namespace DevKratos.PublicApi;

/// <summary>Cookies as they were sent: every value of a repeated name, and no URL decoding.</summary>
internal static class CookieHeader
{
    public static IEnumerable<string> Values(HttpRequest request, string name)
    {
        foreach (var header in request.Headers.Cookie)
        {
            foreach (var pair in (header ?? "").Split(';', StringSplitOptions.TrimEntries))
            {
                if (pair.Length > name.Length && pair[name.Length] == '=' && pair.StartsWith(name, StringComparison.Ordinal))
                    yield return pair[(name.Length + 1)..];
            }
        }
    }

    public static void Set(HttpResponse response, string name, string value, string lifetime, bool secure) =>
        response.Headers.Append(
            "Set-Cookie", $"{name}={value}; Path=/; {lifetime}; HttpOnly; {(secure ? "Secure; " : "")}SameSite=Lax");
}
