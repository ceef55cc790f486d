using Microsoft.AspNetCore.Connections.Features;

namespace Gateway.Sessions;

/// <summary>
/// The Cookie line that a connection sent last, the cache key of the session cookie in it, and what else is in it. A browser repeats the line with every request of its
/// connection, and hashing it is most of what a cache hit costs. Kestrel keeps the line's text with the connection for the same reason.
/// </summary>
internal sealed record ConnectionMemo(string CookieLine, CredentialKey Key, string? OtherCookies)
{
    private static readonly object Slot = new();

    /// <summary>What is remembered of exactly this line, or null.</summary>
    public static ConnectionMemo? Find(HttpContext context, string cookieLine) =>
        Items(context) is { } items && items.TryGetValue(Slot, out var value) && value is ConnectionMemo memo && memo.CookieLine == cookieLine ? memo : null;

    public void Remember(HttpContext context)
    {
        if (Items(context) is { } items) items[Slot] = this;
    }

    /// <summary>HTTP/1.1 only: its requests come one after the other, so nobody else writes meanwhile.</summary>
    private static IDictionary<object, object?>? Items(HttpContext context) =>
        HttpProtocol.IsHttp11(context.Request.Protocol) ? context.Features.Get<IConnectionItemsFeature>()?.Items : null;
}
