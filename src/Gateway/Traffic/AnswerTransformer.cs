using Gateway.Forwarding;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Traffic;

/// <summary>A route's transformer, and what is done with a service's answer once its head is copied.</summary>
internal sealed class AnswerTransformer(HttpTransformer inner, Action<HttpContext> heard) : DelegatingTransformer(inner)
{
    public override async ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        var isPassedOn = await Inner.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        if (proxyResponse is not null)
            heard(httpContext);
        return isPassedOn;
    }
}
