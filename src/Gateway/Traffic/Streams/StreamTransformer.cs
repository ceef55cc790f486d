using System.Globalization;
using System.Net;
using Gateway.Forwarding;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Traffic.Streams;

/// <summary>
/// A route's transformer, which has streams watched: gRPC calls from their beginning, because their answer may begin late, the
/// others from the answer's head on. An answer that states its length is none, so it costs no more than that look.
/// </summary>
internal sealed class StreamTransformer(HttpTransformer inner, OpenStreams streams) : DelegatingTransformer(inner)
{
    public override ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        if (StreamRequests.IsGrpc(httpContext.Request) && httpContext.Features.Get<OpenStream>() is null)
            OpenCall(httpContext);
        return Inner.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
    }

    public override ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        var copied = Inner.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        if (proxyResponse is null) return copied;
        if (!copied.IsCompletedSuccessfully) return WatchAsync(httpContext, proxyResponse, copied);
        var isPassedOn = copied.Result;
        if (isPassedOn && httpContext.Response.ContentLength is null)
            Watch(httpContext, proxyResponse);
        return new(isPassedOn);
    }

    public override ValueTask TransformResponseTrailersAsync(
        HttpContext httpContext, HttpResponseMessage proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse.Content is WatchedContent
            && httpContext.Features.Get<OpenStream>() is { Kind: StreamKind.Grpc, End: { } end }
            && httpContext.Response.SupportsTrailers())
        {
            httpContext.Response.AppendTrailer("grpc-status", end.GrpcStatus().ToString(CultureInfo.InvariantCulture));
            httpContext.Response.AppendTrailer("grpc-message", end.Name());
            return default;
        }
        return Inner.TransformResponseTrailersAsync(httpContext, proxyResponse, cancellationToken);
    }

    private async ValueTask<bool> WatchAsync(HttpContext context, HttpResponseMessage answer, ValueTask<bool> copied)
    {
        var isPassedOn = await copied;
        if (isPassedOn && context.Response.ContentLength is null)
            Watch(context, answer);
        return isPassedOn;
    }

    private void Watch(HttpContext context, HttpResponseMessage answer)
    {
        if (IsSwitched(answer))
        {
            if (context.Features.Get<IHttpUpgradeFeature>() is { } upgrade)
                context.Features.Set<IHttpUpgradeFeature>(new WebSocketSeat(upgrade, Open(context, StreamKind.WebSocket)));
        }
        else if (StreamKinds.Of(context.Response.ContentType) is { } kind)
        {
            var stream = Open(context, kind);
            if (kind is StreamKind.Other)
                stream.Ended.UnsafeRegister(static ended => AbortIfEnding((OpenStream)ended!), stream);
            answer.Content = new WatchedContent(answer.Content, stream);
        }
    }

    private OpenStream Open(HttpContext context, StreamKind kind)
    {
        var stream = context.Features.Get<OpenStream>() ?? streams.Open(context, kind);
        stream.Touch();
        stream.IsAnswered = true;
        stream.IdleTimeout = streams.IdleTimeoutOf(context);
        return stream;
    }

    /// <summary>Until its answer begins, a call that is ended can only be reset.</summary>
    private void OpenCall(HttpContext context)
    {
        var call = streams.Open(context, StreamKind.Grpc);
        context.Features.Set(call);
        call.Ended.UnsafeRegister(static ended => AbortUnlessAnswered((OpenStream)ended!), call);
    }

    private static void AbortUnlessAnswered(OpenStream call)
    {
        if (!call.IsAnswered)
            AbortIfEnding(call);
    }

    private static void AbortIfEnding(OpenStream stream)
    {
        if (stream.IsEnding)
            stream.Abort();
    }

    /// <summary>Of a WebSocket, to a service that speaks HTTP/2 also.</summary>
    private static bool IsSwitched(HttpResponseMessage answer) =>
        answer.StatusCode is HttpStatusCode.SwitchingProtocols
        || answer.StatusCode is HttpStatusCode.OK && answer.RequestMessage is { Headers.Protocol: not null };
}
