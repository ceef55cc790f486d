using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace Gateway.Forwarding.Signing;

/// <summary>A private key that signs identity tokens, and its public part.</summary>
internal sealed class SigningKey
{
    private readonly JsonWebKey _key;

    private SigningKey(JsonWebKey key, string algorithm)
    {
        (_key, Algorithm) = (key, algorithm);
        // Own, so that no provider of a key that was taken away stays in the one that all share.
        Credentials = new(key, algorithm) { CryptoProviderFactory = new() };
    }

    /// <summary><c>ES256</c> or <c>RS256</c>.</summary>
    public string Algorithm { get; }

    /// <summary>The JWK's own, or its thumbprint (RFC 7638).</summary>
    public string Id => _key.KeyId;

    /// <summary>Of this key alone, whatever its id (RFC 7638).</summary>
    public string Thumbprint => Base64UrlEncoder.Encode(_key.ComputeJwkThumbprint());

    public SigningCredentials Credentials { get; }

    /// <exception cref="CryptographicException">The curve is not P-256, or there is no private part.</exception>
    public static SigningKey Of(ECDsa key, string? id = null)
    {
        var parameters = key.ExportParameters(includePrivateParameters: true);
        if (parameters.Curve.Oid.Value != ECCurve.NamedCurves.nistP256.Oid.Value)
            throw new CryptographicException("its curve is not P-256");
        var jwk = new JsonWebKey
        {
            Kty = JsonWebAlgorithmsKeyTypes.EllipticCurve,
            Crv = JsonWebKeyECTypes.P256,
            X = Base64UrlEncoder.Encode(parameters.Q.X!),
            Y = Base64UrlEncoder.Encode(parameters.Q.Y!),
            D = Base64UrlEncoder.Encode(parameters.D!),
        };
        return Named(jwk, id, SecurityAlgorithms.EcdsaSha256);
    }

    /// <exception cref="CryptographicException">It is shorter than 2048 bits, or there is no private part.</exception>
    public static SigningKey Of(RSA key, string? id = null)
    {
        if (key.KeySize < 2048) throw new CryptographicException("an RSA key needs 2048 bits at least");
        var jwk = JsonWebKeyConverter.ConvertFromRSASecurityKey(new(key.ExportParameters(includePrivateParameters: true)));
        return Named(jwk, id, SecurityAlgorithms.RsaSha256);
    }

    /// <summary>Writes the public part alone as a JWK (RFC 7517).</summary>
    public void WritePublic(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("kty", _key.Kty);
        writer.WriteString("use", "sig");
        writer.WriteString("alg", Algorithm);
        writer.WriteString("kid", Id);
        if (_key.Kty is JsonWebAlgorithmsKeyTypes.EllipticCurve)
        {
            writer.WriteString("crv", _key.Crv);
            writer.WriteString("x", _key.X);
            writer.WriteString("y", _key.Y);
        }
        else
        {
            writer.WriteString("n", _key.N);
            writer.WriteString("e", _key.E);
        }
        writer.WriteEndObject();
    }

    private static SigningKey Named(JsonWebKey jwk, string? id, string algorithm)
    {
        jwk.KeyId = string.IsNullOrEmpty(id) ? Base64UrlEncoder.Encode(jwk.ComputeJwkThumbprint()) : id;
        return new(jwk, algorithm);
    }
}
