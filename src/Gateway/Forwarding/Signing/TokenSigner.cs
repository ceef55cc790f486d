using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gateway.Decisions;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Gateway.Forwarding.Signing;

/// <summary>A signed token, and until when it is handed out.</summary>
internal sealed record SignedToken(string Text, DateTimeOffset RenewAt);

/// <summary>
/// Signs identity tokens, one for each caller, audience and set of claims: equal ones are found again, whoever's cache entry
/// was renewed meanwhile.
/// </summary>
internal sealed class TokenSigner(TimeProvider time) : IDisposable
{
    /// <summary>Of some 1.5 kB each. What does not fit is signed again: a tenth of a millisecond.</summary>
    private const int MostKept = 10_000;

    private readonly MemoryCache _tokens = new(new MemoryCacheOptions { SizeLimit = MostKept });

    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>A token for this caller that does not outlive the session.</summary>
    /// <param name="http">Null where no claim reads the request.</param>
    public SignedToken Sign(TokenIssuer issuer, IReadOnlyList<string> audience, Caller caller, HttpContext? http)
    {
        var claims = Claims(issuer, audience, caller, http);
        var key = Convert.ToBase64String(SHA256.HashData(claims));
        var now = Now;
        if (_tokens.TryGetValue(key, out SignedToken? known) && known!.RenewAt > now) return known;

        var byLifetime = now + issuer.Options.Lifetime;
        var isLast = caller.ExpiresAt <= byLifetime;
        var end = isLast ? caller.ExpiresAt : byLifetime;
        var text = issuer.Sign(Payload(claims, now, end));
        // A service gets at least a fifth of the life; of the session's last token there is no longer one.
        var token = new SignedToken(text, isLast ? end : now + issuer.Options.Lifetime * 0.8);
        var forItsLife = new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = issuer.Options.Lifetime };
        _tokens.Set(key, token, forItsLife);
        return token;
    }

    public void Dispose() => _tokens.Dispose();

    /// <summary>All that two equal tokens have in common, as JSON whose object is still open.</summary>
    private static byte[] Claims(TokenIssuer issuer, IReadOnlyList<string> audience, Caller caller, HttpContext? http)
    {
        using var session = caller.ParseSession(issuer.Claims.NeedsSession);
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString(JwtRegisteredClaimNames.Iss, issuer.Options.Issuer);
            writer.WriteString(JwtRegisteredClaimNames.Sub, caller.Subject);
            if (audience is [var only])
            {
                writer.WriteString(JwtRegisteredClaimNames.Aud, only);
            }
            else
            {
                writer.WriteStartArray(JwtRegisteredClaimNames.Aud);
                foreach (var one in audience)
                    writer.WriteStringValue(one);
                writer.WriteEndArray();
            }
            issuer.Claims.WriteTo(writer, new(session?.RootElement ?? default, caller, http));
            writer.Flush();
        }
        // Two sessions of one person that differ in nothing else end at different times.
        stream.Write(Encoding.ASCII.GetBytes($"\n{issuer.Id}{caller.ExpiresAt.UtcTicks}"));
        return stream.ToArray();
    }

    private static string Payload(byte[] claims, DateTimeOffset now, DateTimeOffset end)
    {
        var open = Encoding.UTF8.GetString(claims.AsSpan(0, claims.AsSpan().LastIndexOf((byte)'\n')));
        var iat = now.ToUnixTimeSeconds();
        var jti = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        return $$"""{{open}},"iat":{{iat}},"nbf":{{iat}},"exp":{{end.ToUnixTimeSeconds()}},"jti":"{{jti}}"}""";
    }
}
