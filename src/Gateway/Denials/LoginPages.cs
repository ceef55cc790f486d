namespace Gateway.Denials;

/// <summary>
/// Where Kratos sends people to log in, learnt from the redirects that pass through the gateway. A rule that protects that
/// page would send them there again and again.
/// </summary>
internal sealed class LoginPages
{
    private volatile string? _path;

    /// <summary>Notes the target of a redirect from Kratos' browser login flow.</summary>
    public void Learn(string location)
    {
        if (Uri.TryCreate(location, UriKind.RelativeOrAbsolute, out var uri))
            _path = (uri.IsAbsoluteUri ? uri.AbsolutePath : location.Split('?', '#')[0]).TrimEnd('/');
    }

    public bool IsLoginPage(string? path) =>
        _path is { Length: > 0 } known && string.Equals(path?.TrimEnd('/'), known, StringComparison.OrdinalIgnoreCase);
}
