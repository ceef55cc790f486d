using Microsoft.AspNetCore.WebUtilities;

namespace Gateway.Denials;

/// <summary>
/// Where Kratos sends people to log in, learnt from the redirects that pass through the gateway. A rule that protects that
/// page would send them there again and again.
/// </summary>
internal sealed class LoginPages
{
    private volatile string? _path;

    /// <summary>
    /// Notes the target of a redirect from Kratos' browser login flow: a page that gets a flow, not one of an error.
    /// </summary>
    public void Learn(string location)
    {
        if (!Uri.TryCreate(new Uri("http://origin"), location, out var uri)) return;
        if (QueryHelpers.ParseQuery(uri.Query).ContainsKey("flow"))
            _path = uri.AbsolutePath.TrimEnd('/');
    }

    public bool IsLoginPage(string? path) =>
        _path is { Length: > 0 } known && string.Equals(path?.TrimEnd('/'), known, StringComparison.OrdinalIgnoreCase);
}
