using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Forwarding;

/// <summary>
/// What the service behind a route with further YARP transforms sees: the same as <see cref="ServiceTransformer"/> gives it,
/// and what those transforms make of it. The inbound headers are cleaned while YARP's transforms read them, so that what a
/// transform sets survives, and are afterwards what the client sent.
/// </summary>
/// <param name="client">Of what is not copied: what the gateway sets itself, what services believe, the headers of the
/// connection.</param>
/// <param name="configured">YARP's transformer, with the route's transforms.</param>
internal sealed class ConfiguredTransformer(
    RouteForwarding route,
    ForwardedRequest forwarded,
    ForwardedAnswer answer,
    ClientHeaders client,
    HttpTransformer configured) : DelegatingTransformer(configured)
{
    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        if (!route.ChangesTarget)
            proxyRequest.RequestUri = forwarded.Target(httpContext, destinationPrefix);

        var inbound = httpContext.Request.Headers;
        var ofConnection = HopByHopHeaders.Of(inbound.Connection, route.MatchedHeaders);
        var notCopied = client.NotCopied(httpContext);
        var sent = inbound.ToArray();
        foreach (var (name, value) in sent)
        {
            var dropped = IsReserved(notCopied, name) || ofConnection is not null && ofConnection.Contains(name);
            inbound[name] = dropped ? StringValues.Empty : forwarded.Filter(name, value);
        }

        try
        {
            await Inner.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        }
        finally
        {
            foreach (var (name, value) in sent)
                inbound[name] = value;
        }

        var headers = proxyRequest.Headers;
        foreach (var name in forwarded.OwnNames)
            headers.Remove(name);
        if (route.KeepHost)
            ForwardedRequest.KeepHost(httpContext, headers);
        forwarded.AddOwn(httpContext, headers);
    }

    /// <exception cref="HttpRequestException">It is no answer that can be passed on: YARP answers 502.</exception>
    public override async ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        var isCookieRenewed = ForwardedAnswer.Begin(httpContext, proxyResponse);
        var isPassedOn = await Inner.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        answer.Complete(httpContext, proxyResponse, isCookieRenewed);
        return isPassedOn;
    }

    public override async ValueTask TransformResponseTrailersAsync(
        HttpContext httpContext, HttpResponseMessage proxyResponse, CancellationToken cancellationToken)
    {
        await Inner.TransformResponseTrailersAsync(httpContext, proxyResponse, cancellationToken);
        ForwardedAnswer.CompleteTrailers(httpContext, proxyResponse);
    }

    /// <summary>YARP reads the headers of the connection itself and does not copy them, but only in their own spelling.</summary>
    private static bool IsReserved(ReservedHeaders notCopied, string name) =>
        notCopied.Contains(name) && !HopByHopHeaders.Names.Contains(name);
}
