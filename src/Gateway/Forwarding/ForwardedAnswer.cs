using System.Net;
using Gateway.Decisions;
using Gateway.Sessions.Credentials;
using Gateway.Telemetry;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Gateway.Forwarding;

/// <summary>
/// What every route hands on alike of a service's answer: nothing of the service's connection, no cookie of Kratos, and nothing
/// that is for one person to a cache that serves many.
/// </summary>
internal sealed partial class ForwardedAnswer(RouteForwarding route, CredentialReader credentials)
{
    private const string NeverKept = "private, no-store";

    /// <summary>Caches that many share read them before Cache-Control (RFC 9213, and its forerunner).</summary>
    private static readonly string[] TargetedCaching = ["CDN-Cache-Control", "Surrogate-Control"];

    private int _hasToldOfCookies;

    /// <summary>Before the answer's head is copied. Null: the service did not answer.</summary>
    /// <returns>Whether the gateway itself has set a cookie: Kratos has renewed the caller's.</returns>
    /// <exception cref="HttpRequestException">It is no answer that can be passed on: YARP answers 502.</exception>
    public static bool Begin(HttpContext context, HttpResponseMessage? answer)
    {
        if (answer is null) return false;
        SwitchedProtocol.ThrowUnlessAsked(answer);
        ThrowUnlessPossible(answer);
        if (NamedByConnection(answer) is { } names)
        {
            RemoveFrom(answer.Headers, names);
            RemoveFrom(answer.Content.Headers, names);
        }
        return context.Response.Headers is { Count: > 0 } own && own.SetCookie.Count > 0;
    }

    /// <summary>When the answer's head is copied.</summary>
    public void Complete(HttpContext context, HttpResponseMessage? answer, bool isCookieRenewed)
    {
        if (answer is null) return;
        var headers = context.Response.Headers;
        headers[ForwardedRequest.RequestIdHeader] = context.TraceIdentifier;
        if (!route.KeepCredentials && headers.SetCookie.Count > 0)
            RemoveCookiesOfKratos(context, answer);
        if (isCookieRenewed)
            SetCaching(headers, NeverKept);
        else if (headers.CacheControl.Count > 0 || headers.Expires.Count > 0)
            KeepFromSharedCaches(context, headers);
    }

    /// <summary>When the answer's trailers are copied.</summary>
    public static void CompleteTrailers(HttpContext context, HttpResponseMessage answer)
    {
        if (context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers is not { Count: > 0 } trailers) return;
        if (NamedByConnection(answer) is not { } names) return;
        foreach (var name in trailers.Keys.Where(names.Contains).ToArray())
            trailers.Remove(name);
    }

    /// <summary>
    /// A status that HTTP does not have, or a body where there cannot be one (RFC 9110 sections 15.3.5 and 15.3.6): what else is
    /// in it nobody knows.
    /// </summary>
    private static void ThrowUnlessPossible(HttpResponseMessage answer)
    {
        if (answer.StatusCode is HttpStatusCode.OK) return;
        if (answer.StatusCode < HttpStatusCode.Continue) throw new HttpRequestException("The service answered with no status.");
        if (answer.StatusCode is not (HttpStatusCode.NoContent or HttpStatusCode.ResetContent)) return;
        var hasLength = answer.Content.Headers.NonValidated.TryGetValues(HeaderNames.ContentLength, out var length)
            && length.ToString() is not "0";
        if (hasLength || answer.Headers.NonValidated.Contains(HeaderNames.TransferEncoding))
            throw new HttpRequestException("The service announced a body where there cannot be one.");
    }

    private static HashSet<string>? NamedByConnection(HttpResponseMessage answer) =>
        answer.Headers.NonValidated.TryGetValues(HeaderNames.Connection, out var connection)
            ? HopByHopHeaders.Of(connection.ToArray())
            : null;

    private static void RemoveFrom(System.Net.Http.Headers.HttpHeaders headers, HashSet<string> names)
    {
        foreach (var (name, _) in headers.NonValidated.ToArray())
            if (names.Contains(name))
                headers.Remove(name);
    }

    private void RemoveCookiesOfKratos(HttpContext context, HttpResponseMessage answer)
    {
        var headers = context.Response.Headers;
        if (!answer.Headers.NonValidated.TryGetValues(HeaderNames.SetCookie, out var set)) return;
        var refused = set.Where(cookie => credentials.SetsKratosCookie(cookie)).ToArray();
        if (refused.Length == 0) return;
        headers.SetCookie = headers.SetCookie.Where(cookie => !refused.Contains(cookie)).ToArray();
        if (Interlocked.Exchange(ref _hasToldOfCookies, 1) == 0)
            LogCookieRefused(context.RequestServices.GetRequiredService<ILogger<ForwardedAnswer>>(), route.Id);
    }

    private void KeepFromSharedCaches(HttpContext context, IHeaderDictionary headers)
    {
        if (route.AllowSharedCaching || Caller.Of(context) is null) return;
        if (SharedCaching.IsAllowed(headers.CacheControl, headers.Expires.Count > 0))
            SetCaching(headers, SharedCaching.Denied(headers.CacheControl));
    }

    private static void SetCaching(IHeaderDictionary headers, string caching)
    {
        headers.CacheControl = caching;
        foreach (var name in TargetedCaching)
            headers.Remove(name);
    }

    [LoggerMessage(EventIds.ServiceCookieRefused, LogLevel.Warning,
        "The service of route {Route} sets Kratos' cookies, which are not passed on; where it speaks for Kratos, "
            + "give the route Metadata: ForwardSessionCookie")]
    private static partial void LogCookieRefused(ILogger logger, string route);
}
