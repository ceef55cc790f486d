using Microsoft.AspNetCore.WebUtilities;

namespace Gateway.Denials;

/// <summary>
/// Where Kratos sends people to log in, learnt from the redirects that pass through the gateway. A rule that protects that
/// page would send them there again and again.
/// </summary>
internal sealed class LoginPages
{
    private static readonly Uri AnyHost = new("http://any.invalid");

    private volatile Page? _page;

    /// <summary>
    /// Notes the target of a redirect from Kratos' browser login flow: a page that gets a flow, not one of an error.
    /// </summary>
    public void Learn(string location)
    {
        if (!Uri.TryCreate(AnyHost, location, out var uri)) return;
        if (!QueryHelpers.ParseQuery(uri.Query).ContainsKey("flow")) return;
        var path = Uri.UnescapeDataString(uri.AbsolutePath).TrimEnd('/');
        if (path.Length > 0)
            _page = new(uri.Host == AnyHost.Host ? null : uri.Authority, path);
    }

    /// <summary>
    /// The same path of another host is another page. A scheme says nothing: whoever ends TLS in front may not be trusted.
    /// </summary>
    public bool IsLoginPage(string host, string? path) =>
        _page is { } known
        && string.Equals(path?.TrimEnd('/'), known.Path, StringComparison.OrdinalIgnoreCase)
        && (known.Host is null || IsSameHost(known.Host, host));

    /// <summary>Whether two hosts are one, whatever their letter case, and whether a scheme's own port is named or not.</summary>
    public static bool IsSameHost(string one, string other) =>
        WithoutOwnPort(one).Equals(WithoutOwnPort(other), StringComparison.OrdinalIgnoreCase);

    private static ReadOnlySpan<char> WithoutOwnPort(string host)
    {
        if (host.EndsWith(":80", StringComparison.Ordinal)) return host.AsSpan(..^3);
        return host.EndsWith(":443", StringComparison.Ordinal) ? host.AsSpan(..^4) : host;
    }

    /// <param name="Host">Null: of whichever host is asked for.</param>
    private sealed record Page(string? Host, string Path);
}
