using System.Net.Http.Headers;
using Gateway.Decisions;
using Gateway.Forwarding.Mutators;
using Gateway.Network;
using Gateway.Sessions.Cache;
using Gateway.Sessions.Credentials;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Gateway.Forwarding;

/// <summary>
/// What every route forwards alike, with YARP transforms or without: the raw target, a client's header without the session
/// credential and Kratos' cookies, and the headers that only the gateway sets.
/// </summary>
internal sealed class ForwardedRequest(
    RouteForwarding route, MutatorChain mutators, OwnCookies? ownCookies, CredentialReader credentials, RecentCookies recent)
{
    public const string RequestIdHeader = "X-Request-Id";
    private const string ForwardedFor = "X-Forwarded-For";
    private const string ForwardedProto = "X-Forwarded-Proto";
    private const string ForwardedHost = "X-Forwarded-Host";
    private const string OriginalUri = "X-Original-URI";

    private static readonly UriCreationOptions Raw = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly bool _passesAll = route.KeepCredentials && ownCookies is null && !mutators.ReplacesAuthorization;

    /// <summary>The names of what <see cref="AddOwn"/> sets.</summary>
    public IEnumerable<string> OwnNames =>
        [ForwardedFor, ForwardedProto, ForwardedHost, OriginalUri, RequestIdHeader, .. mutators.HeaderNames];

    /// <summary>
    /// The destination with the raw target behind it, the prefix removed. <c>RouteTarget.Accepts</c> has seen that the target
    /// lies under the prefix.
    /// </summary>
    public Uri Target(HttpContext context, string destinationPrefix)
    {
        var target = RawTarget(context).AsSpan();
        if (route.RemovePrefix is { } prefix)
            target = target[prefix.Length..];
        var slash = target.IsEmpty || target[0] is not '/' ? "/" : "";
        return new Uri(string.Concat(destinationPrefix.AsSpan().TrimEnd('/'), slash, target), in Raw);
    }

    /// <summary>
    /// A header's values without the caller's session credential, unless this route forwards it. A token under another spelling
    /// of its header's name is none to Kratos and the gateway: nobody judged it, so no service gets it.
    /// </summary>
    public StringValues Filter(string name, StringValues value)
    {
        const string Token = CredentialReader.TokenHeader;
        if (name.Length == Token.Length && HeaderAliases.Comparer.Equals(name, Token))
        {
            var isPassedOn = route.KeepCredentials && name.Equals(Token, StringComparison.OrdinalIgnoreCase);
            return isPassedOn ? value : StringValues.Empty;
        }
        if (_passesAll) return value;
        if (name.Equals(HeaderNames.Cookie, StringComparison.OrdinalIgnoreCase)) return Cookies(value);
        return name.Equals(HeaderNames.Authorization, StringComparison.OrdinalIgnoreCase) ? Authorization(value) : value;
    }

    /// <summary>Adds the caller's identity, where the request came from, and its id.</summary>
    public void AddOwn(HttpContext context, HttpRequestHeaders headers)
    {
        var request = context.Request;
        mutators.Apply(context, headers);
        headers.TryAddWithoutValidation(ForwardedFor, ClientAddress.Of(context));
        headers.TryAddWithoutValidation(ForwardedProto, request.Scheme);
        if (request.Headers.Host.ToString() is { Length: > 0 } host)
            headers.TryAddWithoutValidation(ForwardedHost, host);
        headers.TryAddWithoutValidation(RequestIdHeader, context.TraceIdentifier);
        if (route.TellOriginalUri)
            headers.TryAddWithoutValidation(OriginalUri, RawTarget(context));
    }

    /// <summary>
    /// Gives the service the client's Host. One that HttpClient cannot write (a name such as <c>a.-b</c>) is the client's
    /// mistake: the request is refused, and a status that is set keeps YARP from sending it.
    /// </summary>
    public static void KeepHost(HttpContext context, HttpRequestHeaders headers)
    {
        try
        {
            headers.Host = context.Request.Headers.Host;
        }
        catch (FormatException)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            context.Features[typeof(Denial)] = new Denial(Reason.MalformedRequest);
        }
    }

    private static string RawTarget(HttpContext context) =>
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;

    private StringValues Authorization(StringValues lines)
    {
        if (mutators.ReplacesAuthorization) return StringValues.Empty;
        return route.KeepCredentials ? lines : WithoutSessionToken(lines);
    }

    private StringValues Cookies(StringValues lines)
    {
        var others = route.KeepCredentials ? lines : WithoutKratosCookies(lines);
        return ownCookies?.RemovedFrom(others) ?? others;
    }

    private static StringValues WithoutSessionToken(StringValues lines)
    {
        if (!lines.Any(line => CredentialReader.IsSessionToken(line))) return lines;
        return new([.. lines.Where(line => !CredentialReader.IsSessionToken(line))]);
    }

    private StringValues WithoutKratosCookies(StringValues lines)
    {
        if (lines is not [{ } line])
            return lines.Select(other => credentials.WithoutKratosCookies(other!)).Where(other => other is not null).ToArray();
        return recent.Find(line) is { } known ? known.Others : credentials.WithoutKratosCookies(line);
    }
}
