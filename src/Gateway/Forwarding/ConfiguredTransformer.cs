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
    ClientHeaders client,
    HttpTransformer configured) : DelegatingTransformer(configured)
{
    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        if (!route.ChangesTarget)
            proxyRequest.RequestUri = forwarded.Target(httpContext, destinationPrefix);

        var inbound = httpContext.Request.Headers;
        var ofConnection = HopByHopHeaders.Of(inbound.Connection);
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
            headers.Host = inbound.Host;
        forwarded.AddOwn(httpContext, headers);
    }

    /// <exception cref="HttpRequestException">The service switched protocols unasked: YARP answers 502.</exception>
    public override ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        SwitchedProtocol.ThrowUnlessAsked(proxyResponse);
        var copied = Inner.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        if (proxyResponse is not null)
            httpContext.Response.Headers[ForwardedRequest.RequestIdHeader] = httpContext.TraceIdentifier;
        return copied;
    }

    /// <summary>YARP reads the headers of the connection itself and does not copy them, but only in their own spelling.</summary>
    private static bool IsReserved(ReservedHeaders notCopied, string name) =>
        notCopied.Contains(name) && !HopByHopHeaders.Names.Contains(name);
}
