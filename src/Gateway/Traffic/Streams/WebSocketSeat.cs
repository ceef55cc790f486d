using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Traffic.Streams;

/// <summary>Gives the proxy the client's side of a WebSocket that a Close frame can be put into.</summary>
internal sealed class WebSocketSeat(IHttpUpgradeFeature inner, OpenStream stream) : IHttpUpgradeFeature
{
    public bool IsUpgradableRequest => inner.IsUpgradableRequest;

    public async Task<Stream> UpgradeAsync() => new WebSocketStream(await inner.UpgradeAsync(), stream);
}
