using System.Collections.Frozen;
using System.Net.Http.Headers;
using Gateway.Sessions;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Forwarding;

/// <summary>
/// What the upstream sees: the request target byte for byte, the client's headers without those only the gateway may set,
/// the caller's identity, and where the request came from. One pass over the headers instead of YARP's transform list.
/// </summary>
internal sealed class ServiceTransformer(RouteForwarding route, ReservedHeaders reserved, ReservedHeaders notCopied, IdentityHeaders identity, CredentialReader credentials, RecentCookies recent, HttpTransformer? configured) : HttpTransformer
{
    public const string RequestIdHeader = "X-Request-Id";
    private const string ForwardedFor = "X-Forwarded-For";
    private const string ForwardedProto = "X-Forwarded-Proto";
    private const string ForwardedHost = "X-Forwarded-Host";
    private const string OriginalUri = "X-Original-URI";

    private static readonly UriCreationOptions Raw = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <summary>Headers of this connection, not of the message (RFC 9110 section 7.6.1), and those HttpClient writes itself.</summary>
    public static readonly FrozenSet<string> HopByHop = new[]
    {
        HeaderNames.Connection, HeaderNames.TransferEncoding, HeaderNames.KeepAlive, HeaderNames.Upgrade, HeaderNames.ProxyConnection,
        HeaderNames.ProxyAuthenticate, "Proxy-Authentication-Info", HeaderNames.ProxyAuthorization, "Proxy-Features", "Proxy-Instruction",
        "Security-Scheme", "ALPN", "Close", "HTTP2-Settings", HeaderNames.UpgradeInsecureRequests, HeaderNames.TE, HeaderNames.AltSvc,
        HeaderNames.Host, ":authority", ":method", ":path", ":scheme",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public override ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        if (!route.ChangesTarget)
            proxyRequest.RequestUri = Target(httpContext, destinationPrefix);
        if (configured is not null && route.OtherTransforms.Count > 0)
            return TransformAsConfiguredAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);

        var request = httpContext.Request;
        var ofConnection = ConnectionOptions.Of(request.Headers.Connection);
        foreach (var (name, value) in request.Headers)
        {
            if (notCopied.Contains(name) || ofConnection is not null && ofConnection.Contains(name)) continue;
            if (Filter(name, value) is { Count: > 0 } kept) Add(proxyRequest, name, kept);
        }
        // RFC 9112 section 6.3: of both, Transfer-Encoding counts.
        if (request.Headers.ContainsKey(HeaderNames.TransferEncoding))
            proxyRequest.Content?.Headers.Remove(HeaderNames.ContentLength);
        // gRPC: HTTP/2 asks for trailers with the only TE value it may carry.
        if (HttpProtocol.IsHttp2(request.Protocol) && request.Headers.TE.ToString().Contains("trailers", StringComparison.OrdinalIgnoreCase))
            proxyRequest.Headers.TryAddWithoutValidation(HeaderNames.TE, "trailers");
        if (route.KeepHost)
            proxyRequest.Headers.Host = request.Headers.Host;
        AddOwn(httpContext, proxyRequest.Headers);
        return default;
    }

    /// <exception cref="HttpRequestException">The service switched protocols unasked: YARP answers 502.</exception>
    public override ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is not null && !SwitchedProtocol.IsAsked(proxyResponse))
            throw new HttpRequestException("The service switched protocols unasked.");
        var copied = configured is null
            ? base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken)
            : configured.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        if (proxyResponse is not null) httpContext.Response.Headers[RequestIdHeader] = httpContext.TraceIdentifier;
        return copied;
    }

    public override ValueTask TransformResponseTrailersAsync(HttpContext httpContext, HttpResponseMessage proxyResponse, CancellationToken cancellationToken) =>
        configured is null
            ? base.TransformResponseTrailersAsync(httpContext, proxyResponse, cancellationToken)
            : configured.TransformResponseTrailersAsync(httpContext, proxyResponse, cancellationToken);

    /// <summary>The destination with the raw target behind it, the prefix removed. <c>RouteTarget.Accepts</c> has seen that the target lies under the prefix.</summary>
    private Uri Target(HttpContext context, string destinationPrefix)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.AsSpan();
        if (route.RemovePrefix is { } prefix) target = target[prefix.Length..];
        var slash = target.IsEmpty || target[0] is not '/' ? "/" : "";
        return new Uri(string.Concat(destinationPrefix.AsSpan().TrimEnd('/'), slash, target), in Raw);
    }

    /// <summary>A route with YARP transforms: the inbound headers are cleaned first, so that what a transform sets survives.</summary>
    private async ValueTask TransformAsConfiguredAsync(HttpContext context, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        var inbound = context.Request.Headers;
        var ofConnection = ConnectionOptions.Of(inbound.Connection);
        foreach (var (name, value) in inbound.ToArray())
        {
            var dropped = IsReserved(name) || ofConnection is not null && ofConnection.Contains(name);
            inbound[name] = dropped ? StringValues.Empty : Filter(name, value);
        }

        await configured!.TransformRequestAsync(context, proxyRequest, destinationPrefix, cancellationToken);

        var headers = proxyRequest.Headers;
        foreach (var name in (string[])[ForwardedFor, ForwardedProto, ForwardedHost, OriginalUri, RequestIdHeader, .. identity.Names])
            headers.Remove(name);
        if (route.KeepHost) headers.Host = context.Request.Headers.Host;
        AddOwn(context, headers);
    }

    /// <summary>YARP reads the headers of the connection itself and does not copy them, but only in their own spelling.</summary>
    private bool IsReserved(string name) => reserved.Contains(name) || notCopied.Contains(name) && !HopByHop.Contains(name);

    private void AddOwn(HttpContext context, HttpRequestHeaders headers)
    {
        var request = context.Request;
        if (context.Features[typeof(SessionVerdict)] is SessionVerdict { HeaderValues: { } values }) identity.AddTo(headers, values);
        headers.TryAddWithoutValidation(ForwardedFor, ClientAddress.Of(context));
        headers.TryAddWithoutValidation(ForwardedProto, request.Scheme);
        if (request.Headers.Host.ToString() is { Length: > 0 } host) headers.TryAddWithoutValidation(ForwardedHost, host);
        headers.TryAddWithoutValidation(RequestIdHeader, context.TraceIdentifier);
        if (route.TellOriginalUri) headers.TryAddWithoutValidation(OriginalUri, context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
    }

    /// <summary>
    /// A header's values without the caller's session credential, unless this route forwards it. A token under another spelling
    /// of its header's name is none to Kratos and the gateway: nobody judged it, so no service gets it.
    /// </summary>
    private StringValues Filter(string name, StringValues value)
    {
        const string Token = CredentialReader.TokenHeader;
        if (name.Length == Token.Length && HeaderAliases.Comparer.Equals(name, Token))
            return route.KeepCredentials && name.Equals(Token, StringComparison.OrdinalIgnoreCase) ? value : StringValues.Empty;
        if (route.KeepCredentials) return value;
        if (name.Equals(HeaderNames.Cookie, StringComparison.OrdinalIgnoreCase)) return WithoutSessionCookie(value);
        return name.Equals(HeaderNames.Authorization, StringComparison.OrdinalIgnoreCase) ? WithoutSessionToken(value) : value;
    }

    private static StringValues WithoutSessionToken(StringValues lines) =>
        lines.Any(line => CredentialReader.IsSessionToken(line)) ? new([.. lines.Where(line => !CredentialReader.IsSessionToken(line))]) : lines;

    private StringValues WithoutSessionCookie(StringValues lines)
    {
        if (lines is not [{ } line]) return lines.Select(other => credentials.WithoutSession(other!)).Where(other => other is not null).ToArray();
        return recent.Find(line) is { } known ? known.Others : credentials.WithoutSession(line);
    }

    private static void Add(HttpRequestMessage request, string name, StringValues value)
    {
        if (value.Count == 1)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value.ToString()))
                Content(request).TryAddWithoutValidation(name, value.ToString());
        }
        else if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string>)value!))
        {
            Content(request).TryAddWithoutValidation(name, (IEnumerable<string>)value!);
        }
    }

    /// <summary>
    /// Content headers need a content to stand on. YARP accepts no other than its own empty one for a request without a
    /// body, and makes it only while copying such a header itself.
    /// </summary>
    private static HttpContentHeaders Content(HttpRequestMessage request)
    {
        if (request.Content is null)
        {
            using var carrier = new HttpRequestMessage();
            var bodyless = new DefaultHttpContext();
            bodyless.Request.Headers.ContentType = "text/plain";
            var copied = Empty.TransformRequestAsync(bodyless, carrier, "", CancellationToken.None).AsTask();
            if (!copied.IsCompletedSuccessfully) throw new InvalidOperationException("YARP's empty transformer was expected to copy at once.");
            request.Content = carrier.Content;
            carrier.Content = null;
            request.Content!.Headers.Clear();
        }
        return request.Content.Headers;
    }
}
