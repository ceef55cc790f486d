using Gateway.Configuration;
using Gateway.Decisions;
using Gateway.Sessions.Credentials;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace Gateway.Denials;

/// <summary>Where a person goes from a refusal: to log in, to step up, or nowhere when that would lead in a circle.</summary>
internal sealed class LoginRedirect(
    LoginOptions options,
    LoginPages pages,
    CredentialReader credentials,
    SecondFactors secondFactors)
{
    /// <summary>
    /// Longer addresses are returned to without their query: the login URL repeats them percent-encoded, and Kratos stores
    /// them.
    /// </summary>
    private const int MaxReturnTo = 2000;

    private readonly Uri _login = new(options.Url, options.Url.StartsWith('/') ? UriKind.Relative : UriKind.Absolute);
    private readonly string _loginPath = new Uri(new Uri("http://origin"), options.Url).AbsolutePath.TrimEnd('/');

    /// <summary>Whether signing in is what the reason asks for.</summary>
    public static bool Helps(Reason reason) =>
        reason is Reason.NoSession or Reason.SessionInvalid or Reason.SecondFactorRequired or Reason.SessionTooOld;

    /// <summary>Whether the request is for the login pages themselves: sending it to log in would never end.</summary>
    public bool WouldLoop(HttpRequest request)
    {
        var path = request.Path.Value;
        var host = request.Headers.Host.ToString();
        if (pages.IsLoginPage(host, path)) return true;
        if (_login.IsAbsoluteUri && !LoginPages.IsSameHost(_login.Authority, host)) return false;
        return _loginPath.Length == 0 ? path is "/" : PathPrefix.Covers(_loginPath, path);
    }

    /// <summary>The address a browser opens next; it comes back to this request afterwards.</summary>
    public async ValueTask<string> ForNavigationAsync(HttpContext context, Reason reason)
    {
        var returnTo = ReturnTo(context);
        if (reason is Reason.SecondFactorRequired && await LacksSecondFactorAsync(context))
            return QueryHelpers.AddQueryString(options.SettingsUrl, "return_to", returnTo);
        return QueryHelpers.AddQueryString(Flow(reason), "return_to", returnTo);
    }

    /// <summary>
    /// The address a program may open in a browser. Without return_to: an API's URL is no page to come back to.
    /// </summary>
    public async ValueTask<string> ForProgramsAsync(HttpContext context, Reason reason)
    {
        var request = context.Request;
        var isToSetUp = reason is Reason.SecondFactorRequired && await LacksSecondFactorAsync(context);
        var url = isToSetUp ? options.SettingsUrl : Flow(reason);
        return url.StartsWith('/') ? $"{request.Scheme}://{request.Headers.Host}{url}" : url;
    }

    private string Flow(Reason reason) => reason switch
    {
        Reason.SecondFactorRequired => QueryHelpers.AddQueryString(options.Url, "aal", "aal2"),
        Reason.SessionTooOld => QueryHelpers.AddQueryString(options.Url, "refresh", "true"),
        _ => options.Url,
    };

    /// <summary>
    /// The request's full URL as the gateway saw it; a proxy's word on host and scheme counts only when it is trusted.
    /// </summary>
    private static string ReturnTo(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var url = $"{context.Request.Scheme}://{context.Request.Headers.Host}{target}";
        var query = url.IndexOf('?', StringComparison.Ordinal);
        return url.Length <= MaxReturnTo || query <= 0 ? url : url[..query];
    }

    private async ValueTask<bool> LacksSecondFactorAsync(HttpContext context) =>
        credentials.Read(context.Request.Headers) is { } credential
        && await secondFactors.HasAsync(credential, context.RequestAborted) is false;
}
