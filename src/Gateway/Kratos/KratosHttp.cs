using System.Net;
using System.Text;

namespace Gateway.Kratos;

/// <summary>The connection pool for the gateway's own calls to Kratos.</summary>
internal static class KratosHttp
{
    public static HttpClient Create() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2), // follow DNS
        MaxResponseHeadersLength = 64,
        RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8, // whatever a client calls a credential is for Kratos to refuse
    }, disposeHandler: true)
    {
        Timeout = Timeout.InfiniteTimeSpan, // callers bound each call
    };
}
