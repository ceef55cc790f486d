using Gateway.Network;

namespace Gateway.Forwarding;

/// <summary>Which headers of a request are not copied to the service, by who has sent it.</summary>
/// <param name="ofClients">From whoever is no trusted proxy.</param>
/// <param name="ofProxies">From a trusted proxy; null: as from anybody.</param>
internal sealed class ClientHeaders(ReservedHeaders ofClients, ReservedHeaders? ofProxies)
{
    public ReservedHeaders NotCopied(HttpContext context) =>
        ofProxies is not null && TrustedPeer.Sent(context) ? ofProxies : ofClients;
}
