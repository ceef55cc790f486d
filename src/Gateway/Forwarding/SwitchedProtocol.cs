using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Net.Http.Headers;

namespace Gateway.Forwarding;

/// <summary>
/// A service's 101. YARP opens a tunnel for every one, and the gateway sees nothing of what goes through it; so a service may
/// answer it only to who asked (RFC 9110 section 15.2.2), and only as a WebSocket's handshake demands (RFC 6455 section 4.2.2).
/// </summary>
internal static class SwitchedProtocol
{
    private const string WebSocket = "websocket";

    /// <summary>Lets through no 101 but one that completes the handshake of the request it answers.</summary>
    /// <exception cref="HttpRequestException">The service switched protocols unasked.</exception>
    public static void ThrowUnlessAsked(HttpResponseMessage? answer)
    {
        if (answer?.StatusCode is HttpStatusCode.SwitchingProtocols && !CompletesHandshake(answer))
            throw new HttpRequestException("The service switched protocols unasked.");
    }

    private static bool CompletesHandshake(HttpResponseMessage answer)
    {
        var asked = answer.RequestMessage!.Headers.NonValidated;
        var given = answer.Headers.NonValidated;
        return asked.Contains(HeaderNames.Upgrade)
            && asked.TryGetValues(HeaderNames.SecWebSocketKey, out var key)
            && given.TryGetValues(HeaderNames.Upgrade, out var protocol)
            && protocol.ToString().Equals(WebSocket, StringComparison.OrdinalIgnoreCase)
            && answer.Headers.Connection.Contains(HeaderNames.Upgrade, StringComparer.OrdinalIgnoreCase)
            && given.TryGetValues(HeaderNames.SecWebSocketAccept, out var accept)
            && accept.ToString() == Accept(key.ToString());
    }

    private static string Accept(string key)
    {
#pragma warning disable CA5350 // RFC 6455 asks for SHA-1: it proves that the service understood, not that it is trusted
        return Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
    }
}
