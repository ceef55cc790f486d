using System.Net;
using System.Text;
using Gateway.Access;
using Gateway.Configuration;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Hosting.Explaining;

/// <summary>A request that nobody has sent, as Kestrel would hand it to the pipeline.</summary>
internal static class TrialRequest
{
    /// <summary>In the place of the id that every request gets.</summary>
    public const string Id = "explain";

    private const string DefaultHost = "localhost";

    private static readonly string[] Schemes = ["http", "https"];

    /// <exception cref="ExplainException">There cannot be such a request.</exception>
    public static DefaultHttpContext Create(ExplainRequest asked, string sessionCookie)
    {
        var method = asked.Method ?? "";
        CheckMethod(method);
        var (scheme, host, target) = Split(asked.Url ?? "");
        var context = new DefaultHttpContext { TraceIdentifier = Id };
        var request = context.Request;
        request.Protocol = HttpProtocol.Http11;
        request.Method = method;
        request.Scheme = scheme;
        request.Headers.Host = host;
        AddHeaders(request.Headers, asked.Headers ?? []);
        AddCredential(request.Headers, asked, sessionCookie);
        SetTarget(context, target);
        context.Connection.RemoteIpAddress = Address(asked.Client);
        context.Features.Set<IHttpUpgradeFeature>(new TrialUpgrade(request));
        return context;
    }

    private static void CheckMethod(string method)
    {
        if (!HttpToken.Is(method))
            throw new ExplainException($"{Named(method)} is no method: write GET, POST and so on, then the URL.");
    }

    private static (string Scheme, string Host, string Target) Split(string url)
    {
        var odd = url.AsSpan().IndexOfAnyExceptInRange('!', '~');
        if (odd >= 0)
            throw new ExplainException(
                $"The URL holds U+{(int)url[odd]:X4}, which no client sends like that: write it percent-encoded.");
        if (url.StartsWith('/')) return ("http", DefaultHost, url);
        var scheme = Schemes.FirstOrDefault(known => url.StartsWith($"{known}://", StringComparison.OrdinalIgnoreCase));
        if (scheme is null)
            throw new ExplainException($"{Named(url)} is no URL: write http://host/path, https://host/path or /path.");
        var rest = url[(scheme.Length + 3)..].Split('#')[0];
        var end = rest.IndexOfAny(['/', '?']);
        var (authority, target) = end < 0 ? (rest, "/") : (rest[..end], rest[end..]);
        if (authority.Length == 0 || authority.Contains('@'))
            throw new ExplainException($"{Named(url)} has no host that a client would send: write http://host/path.");
        return (scheme, authority, target.StartsWith('?') ? "/" + target : target);
    }

    private static void AddHeaders(IHeaderDictionary headers, IReadOnlyList<string?> lines)
    {
        foreach (var given in lines)
        {
            var line = given ?? "";
            var colon = line.IndexOf(':');
            var name = colon < 0 ? "" : line[..colon];
            if (name.Length == 0 || name.Any(c => c is <= ' ' or > '~') || line.AsSpan().ContainsAny('\r', '\n', '\0'))
                throw new ExplainException("A header is no header: write \"Name: value\", such as \"Accept: text/html\".");
            var value = line[(colon + 1)..].Trim();
            if (name.Equals("Host", StringComparison.OrdinalIgnoreCase))
                headers.Host = value;
            else
                headers.Append(name, value);
        }
    }

    private static void AddCredential(IHeaderDictionary headers, ExplainRequest asked, string sessionCookie)
    {
        if (asked is { SessionToken: not null, Cookie: not null })
            throw new ExplainException("Only one of a session token and a cookie can be the credential: choose one.");
        if (asked.SessionToken is { } token)
            headers["X-Session-Token"] = Line(token);
        if (asked.Cookie is { } cookie)
            headers.Append("Cookie", Line(cookie.TrimEnd('=').Contains('=') ? cookie : $"{sessionCookie}={cookie}"));
    }

    private static string Line(string credential) =>
        credential.Any(c => c is < ' ' or > '~') || credential.Length == 0
            ? throw new ExplainException("A session token or cookie is one line of ASCII: give it as the browser sends it.")
            : credential;

    private static IPAddress Address(string? client)
    {
        if (client is null) return IPAddress.Loopback;
        return IPAddress.TryParse(client, out var address)
            ? address
            : throw new ExplainException($"{Named(client)} is no address of a client: write an IP address such as 203.0.113.7.");
    }

    private static void SetTarget(HttpContext context, string target)
    {
        var query = target.IndexOf('?');
        var path = query < 0 ? target : target[..query];
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = target;
        context.Request.QueryString = new(query < 0 ? "" : target[query..]);
        context.Request.Path = WithoutDotSegments(PathString.FromUriComponent(path).Value!);
    }

    /// <summary>RFC 3986 section 5.2.4 on the decoded path, as Kestrel does it; such targets are refused all the same.</summary>
    private static string WithoutDotSegments(string path)
    {
        if (!path.Contains("/.", StringComparison.Ordinal)) return path;
        var kept = new List<string>();
        var segments = path.Split('/')[1..];
        for (var i = 0; i < segments.Length; i++)
        {
            var isDots = segments[i] is "." or "..";
            if (segments[i] is ".." && kept.Count > 0)
                kept.RemoveAt(kept.Count - 1);
            if (!isDots)
                kept.Add(segments[i]);
            else if (i == segments.Length - 1)
                kept.Add("");
        }
        return new StringBuilder("/").AppendJoin('/', kept).ToString();
    }

    private static string Named(string text) => text.Length == 0 ? "Nothing" : $"\"{text}\"";

    /// <summary>
    /// Kestrel's word on whether the request may become another protocol: HTTP/1.1, and Connection names Upgrade.
    /// </summary>
    private sealed class TrialUpgrade(HttpRequest request) : IHttpUpgradeFeature
    {
        public bool IsUpgradableRequest => request.Headers.GetCommaSeparatedValues("Connection")
            .Any(option => option.Equals("Upgrade", StringComparison.OrdinalIgnoreCase));

        public Task<Stream> UpgradeAsync() => throw new InvalidOperationException("Nobody has sent this request.");
    }
}
