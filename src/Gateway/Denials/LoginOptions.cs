using Gateway.Configuration;

namespace Gateway.Denials;

/// <summary>Where people are sent to sign in.</summary>
internal sealed class LoginOptions
{
    public const string Section = "Login";

    /// <summary>
    /// Kratos' browser login flow; browsers are sent here with <c>return_to</c>. A path of this origin or an absolute URL.
    /// </summary>
    public string Url { get; init; } = "/kratos/self-service/login/browser";

    /// <summary>Where a person without a second factor is sent to set one up.</summary>
    public string SettingsUrl { get; init; } = "/auth/settings";

    public void Validate(ConfigErrors errors)
    {
        Check(nameof(Url), Url);
        Check(nameof(SettingsUrl), SettingsUrl);

        void Check(string name, string url)
        {
            if (!IsPath(url) && !IsHttpUrl(url))
                errors.Add($"{Section}:{name}", "is neither a path of this origin nor an absolute http(s) URL");
            else if (url.Any(c => c is <= ' ' or > '~' or '"' or '<' or '>' or '#'))
                errors.Add($"{Section}:{name}", "holds a character that does not belong in a URL");
        }
    }

    /// <summary>Not <c>//</c> or <c>/\</c>, which browsers take for another host.</summary>
    private static bool IsPath(string url) =>
        url.StartsWith('/')
        && !url.StartsWith("//", StringComparison.Ordinal)
        && !url.StartsWith("/\\", StringComparison.Ordinal);

    private static bool IsHttpUrl(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https";
}
