namespace Gateway.Network;

/// <summary>
/// Remembers that a trusted proxy has sent a request: with its word on the client, the connection's address is the client's.
/// </summary>
internal sealed class TrustedPeer
{
    private static readonly TrustedPeer It = new();

    private TrustedPeer()
    {
    }

    public static void Remember(HttpContext context) => context.Features.Set(It);

    public static bool Sent(HttpContext context) => context.Features[typeof(TrustedPeer)] is not null;
}
