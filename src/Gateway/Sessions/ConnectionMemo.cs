using Microsoft.AspNetCore.Connections.Features;

namespace Gateway.Sessions;

/// <summary>
/// The Cookie line that a connection sent last, and the cache key of the credential in it. A browser repeats the line with every request of its
/// connection, and hashing it is most of what a cache hit costs. Kestrel keeps the line's text with the connection for the same reason.
/// </summary>
internal sealed record ConnectionMemo(string CookieLine, string Key)
{
    private static readonly object Slot = new();

    /// <summary>The key for this request's only Cookie line when it is the last one's; null otherwise. The line must be where the credential is.</summary>
    public static string? Find(HttpContext context, string cookieLine) =>
        Items(context) is { } items && items.TryGetValue(Slot, out var value) && value is ConnectionMemo memo && memo.CookieLine == cookieLine ? memo.Key : null;

    public static void Remember(HttpContext context, string cookieLine, string key)
    {
        if (Items(context) is { } items) items[Slot] = new ConnectionMemo(cookieLine, key);
    }

    /// <summary>HTTP/1.1 only: its requests come one after the other, so nobody else writes meanwhile.</summary>
    private static IDictionary<object, object?>? Items(HttpContext context) =>
        HttpProtocol.IsHttp11(context.Request.Protocol) ? context.Features.Get<IConnectionItemsFeature>()?.Items : null;
}
