using Microsoft.Net.Http.Headers;

namespace Gateway.Denials;

/// <summary>Tells a person's browser opening a page from everything else.</summary>
internal static class Navigation
{
    /// <summary>
    /// GET or HEAD with <c>Sec-Fetch-Mode: navigate</c>; where no <c>Sec-Fetch-*</c> is sent, an Accept that names
    /// <c>text/html</c> and prefers it to JSON. Never with <c>X-Requested-With: XMLHttpRequest</c>.
    /// </summary>
    public static bool Is(HttpRequest request)
    {
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method)) return false;
        var headers = request.Headers;
        if (string.Equals(headers.XRequestedWith, "XMLHttpRequest", StringComparison.OrdinalIgnoreCase)) return false;
        if (headers.TryGetValue("Sec-Fetch-Mode", out var mode))
            return string.Equals(mode, "navigate", StringComparison.OrdinalIgnoreCase);
        return !HasFetchMetadata(headers) && PrefersHtml(request);
    }

    private static bool HasFetchMetadata(IHeaderDictionary headers) =>
        headers.ContainsKey("Sec-Fetch-Dest") || headers.ContainsKey("Sec-Fetch-Site") || headers.ContainsKey("Sec-Fetch-User");

    /// <summary>
    /// Whether HTML is the better answer to the Accept header; of equals, the one named first. A page must be asked for by
    /// name: <c>*/*</c> gets JSON.
    /// </summary>
    public static bool PrefersHtml(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var ranges)) return false;
        var (html, json, htmlFirst) = (0.0, 0.0, false);
        foreach (var range in ranges)
        {
            var quality = range.Quality ?? 1;
            if (range.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase))
            {
                html = Math.Max(html, quality);
                htmlFirst |= json == 0;
            }
            else if (range.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase))
            {
                json = Math.Max(json, quality);
            }
        }
        return html > json || html > 0 && html == json && htmlFirst;
    }
}
