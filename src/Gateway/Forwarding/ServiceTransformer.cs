using System.Net.Http.Headers;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Forwarding;

/// <summary>
/// What the service behind a route without further YARP transforms sees: the request target byte for byte, the client's
/// headers without those only the gateway may set, the caller's identity, and where the request came from. One pass over the
/// headers instead of YARP's transform list.
/// </summary>
/// <param name="client">Of what is not copied: what the gateway sets itself, what services believe, the headers of the
/// connection.</param>
internal sealed class ServiceTransformer(
    RouteForwarding route, ForwardedRequest forwarded, ForwardedAnswer answer, ClientHeaders client)
    : HttpTransformer
{
    public override ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        if (!route.ChangesTarget)
            proxyRequest.RequestUri = forwarded.Target(httpContext, destinationPrefix);

        var request = httpContext.Request;
        var ofConnection = HopByHopHeaders.Of(request.Headers.Connection, route.MatchedHeaders);
        var notCopied = client.NotCopied(httpContext);
        foreach (var (name, value) in request.Headers)
        {
            if (notCopied.Contains(name) || ofConnection is not null && ofConnection.Contains(name)) continue;
            if (forwarded.Filter(name, value) is { Count: > 0 } kept)
                Add(proxyRequest, name, kept);
        }
        // RFC 9112 section 6.3: of both, Transfer-Encoding counts.
        if (request.Headers.ContainsKey(HeaderNames.TransferEncoding))
            proxyRequest.Content?.Headers.Remove(HeaderNames.ContentLength);
        if (HttpProtocol.IsHttp2(request.Protocol) && AsksForTrailers(request.Headers.TE))
            proxyRequest.Headers.TryAddWithoutValidation(HeaderNames.TE, "trailers");
        if (route.KeepHost)
            ForwardedRequest.KeepHost(httpContext, proxyRequest.Headers);
        forwarded.AddOwn(httpContext, proxyRequest.Headers);
        return default;
    }

    /// <exception cref="HttpRequestException">It is no answer that can be passed on: YARP answers 502.</exception>
    public override ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        var isCookieRenewed = ForwardedAnswer.Begin(httpContext, proxyResponse);
        var copied = base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        answer.Complete(httpContext, proxyResponse, isCookieRenewed);
        return copied;
    }

    public override ValueTask TransformResponseTrailersAsync(
        HttpContext httpContext, HttpResponseMessage proxyResponse, CancellationToken cancellationToken)
    {
        var copied = base.TransformResponseTrailersAsync(httpContext, proxyResponse, cancellationToken);
        ForwardedAnswer.CompleteTrailers(httpContext, proxyResponse);
        return copied;
    }

    /// <summary>gRPC: HTTP/2 asks for trailers with the only TE value it may carry.</summary>
    private static bool AsksForTrailers(StringValues te) =>
        te.ToString().Contains("trailers", StringComparison.OrdinalIgnoreCase);

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
            if (!copied.IsCompletedSuccessfully)
                throw new InvalidOperationException("YARP's empty transformer was expected to copy at once.");
            request.Content = carrier.Content;
            carrier.Content = null;
            request.Content!.Headers.Clear();
        }
        return request.Content.Headers;
    }
}
