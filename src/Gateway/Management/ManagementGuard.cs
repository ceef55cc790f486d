using System.Net;

namespace Gateway.Management;

/// <summary>
/// In front of everything on the management listener. A Host is answered that is an address, <c>localhost</c> or named in
/// <c>Management:Hosts</c>: by DNS rebinding a page's own name would lead here. A page of another origin changes nothing. And
/// whatever is not known to be harmless asks for the token as soon as others than this machine reach the listener.
/// </summary>
internal sealed class ManagementGuard(ManagementOptions options)
{
    private const string TokenFile = $"{ManagementOptions.Section}:{nameof(ManagementOptions.TokenFile)}";
    private const string MetricsTokenFile = $"{ManagementOptions.Section}:{nameof(ManagementOptions.MetricsTokenFile)}";
    private const string Hosts = $"{ManagementOptions.Section}:{nameof(ManagementOptions.Hosts)}";

    public Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return Refusal(context.Request) is { } refusal ? refusal.AnswerAsync(context) : next(context);
    }

    private ManagementRefusal? Refusal(HttpRequest request)
    {
        if (!IsOurs(new HostString(request.Headers.Host.ToString()).Host))
            return new(400, "bad_request", $"Ask by an IP address or localhost, or name this host in {Hosts}.");
        if (!IsRead(request.Method) && !IsOfThisOrigin(request))
            return new(403, "forbidden", "A page of another origin changes nothing here.");
        if (request.Path.StartsWithSegments("/health")) return null;
        if (request.Path.StartsWithSegments("/metrics")) // routing takes /metrics/, too
            return options.MetricsTokenFile is { } file ? Unless(request, file, MetricsTokenFile) : null;
        if (options.TokenFile is { } tokenFile) return Unless(request, tokenFile, TokenFile);
        if (options.IsLoopback || options.AllowAnonymous) return null;
        return new(
            403, "forbidden", $"Others than this machine reach this listener, so only a token opens this: set {TokenFile}.");
    }

    /// <summary>None, too: a program's; no browser asks without one.</summary>
    private bool IsOurs(string host) =>
        host.Length == 0
        || host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || IPAddress.TryParse(host, out _)
        || options.Hosts.Contains(host, StringComparer.OrdinalIgnoreCase);

    private static bool IsRead(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);

    /// <summary>Browsers say so themselves (Fetch Metadata), older ones by the Origin; a program says neither.</summary>
    private static bool IsOfThisOrigin(HttpRequest request)
    {
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if (site.Length > 0) return site is "same-origin" or "none";
        var origin = request.Headers.Origin.ToString();
        if (origin.Length == 0) return true;
        return Uri.TryCreate(origin, UriKind.Absolute, out var url)
            && url.Authority.Equals(request.Headers.Host.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    private static ManagementRefusal? Unless(HttpRequest request, string file, string key)
    {
        var token = ManagementToken.Read(file);
        if (token.Length == 0) return new(403, "forbidden", $"The token cannot be read: look at {key}.");
        if (ManagementToken.Is(request.Headers.Authorization, token)) return null;
        return new(401, "unauthorized", $"Send Authorization: Bearer and the text of {key}.");
    }
}
