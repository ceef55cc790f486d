using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Forwarding;

/// <summary>Does what another transformer does, but for what is overridden.</summary>
internal abstract class DelegatingTransformer(HttpTransformer inner) : HttpTransformer
{
    protected HttpTransformer Inner { get; } = inner;

    public override ValueTask TransformRequestAsync(
        HttpContext httpContext,
        HttpRequestMessage proxyRequest,
        string destinationPrefix,
        CancellationToken cancellationToken) =>
        Inner.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);

    public override ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken) =>
        Inner.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);

    public override ValueTask TransformResponseTrailersAsync(
        HttpContext httpContext, HttpResponseMessage proxyResponse, CancellationToken cancellationToken) =>
        Inner.TransformResponseTrailersAsync(httpContext, proxyResponse, cancellationToken);
}
