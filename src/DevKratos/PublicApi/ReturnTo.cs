using System.Diagnostics.CodeAnalysis;
using DevKratos.Core;
using DevKratos.Wire;

namespace DevKratos.PublicApi;

/// <summary>
/// Which <c>return_to</c> a flow accepts, and where it leads: an allowed origin, or a path that starts with one slash.
/// </summary>
internal sealed class ReturnTo(KratosCore core)
{
    /// <summary>Empty counts as not given.</summary>
    public KratosError? Check(string? value) =>
        string.IsNullOrEmpty(value) || TryResolve(value, out _, out var error) ? null : error;

    /// <summary>The absolute address a finished flow redirects to.</summary>
    public string Resolve(string? value) => TryResolve(value, out var url, out _) ? url.AbsoluteUri : core.DefaultReturn;

    private bool TryResolve(string? value, [NotNullWhen(true)] out Uri? url, [NotNullWhen(false)] out KratosError? error)
    {
        url = null;
        error = null;
        var home = new Uri(core.DefaultReturn);
        var text = value ?? "";
        // Kratos reads a missing scheme and host as those of the default return URL; only a path from the root is one.
        if (text.StartsWith("//", StringComparison.Ordinal))
            text = home.Scheme + ":" + text;
        else if (text.StartsWith('/'))
            text = home.GetLeftPart(UriPartial.Authority) + text.Replace("\\", "%5C", StringComparison.Ordinal);

        if (text.Contains("://", StringComparison.Ordinal) && !Uri.TryCreate(text, UriKind.Absolute, out url))
        {
            error = KratosError.BadRequest(
                $"Unable to parse the return_to query parameter as an URL: parse \"{value}\": invalid URL");
            return false;
        }

        if (url is not null && url.UserInfo.Length == 0 && core.AllowedReturns.Any(url.IsUnder)) return true;
        url = null;
        error = new KratosError(
            400,
            KratosError.Malformed,
            $"Requested return_to URL \"{text}\" is not allowed.",
            "self_service_flow_return_to_forbidden");
        return false;
    }
}

file static class UriExtensions
{
    extension(Uri url)
    {
        public bool IsUnder(Uri allowed) =>
            url.Scheme == allowed.Scheme
            && url.Authority.Equals(allowed.Authority, StringComparison.OrdinalIgnoreCase)
            && url.AbsolutePath.StartsWith(allowed.AbsolutePath, StringComparison.Ordinal);
    }
}
