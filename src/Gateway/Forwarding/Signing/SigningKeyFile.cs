using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace Gateway.Forwarding.Signing;

/// <summary>A file with a private key: PEM (PKCS#8, SEC 1, PKCS#1), a JWK, or a set of JWKs.</summary>
internal static class SigningKeyFile
{
    private const UnixFileMode OwnersOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The file's keys, or nothing and what is wrong. The text of a key is never in it.</summary>
    public static IReadOnlyList<SigningKey> Read(string path, out string? problem)
    {
        problem = null;
        try
        {
            var text = File.ReadAllText(path);
            return text.TrimStart().StartsWith('{') ? OfJson(text) : [OfPem(text)];
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            problem = $"is not there: make one with gateway keys new {path}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = $"cannot be read: {e.GetType().Name}";
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or FormatException or JsonException)
        {
            problem = $"is no private key for ES256 or RS256 ({Why(e)}): make one with gateway keys new FILE";
        }
        return [];
    }

    /// <summary>A new key as PEM (PKCS#8), for <c>ES256</c> or <c>RS256</c>.</summary>
    public static string NewPem(string algorithm)
    {
        if (algorithm is SecurityAlgorithms.RsaSha256)
        {
            using var rsa = RSA.Create(2048);
            return rsa.ExportPkcs8PrivateKeyPem() + "\n";
        }
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return ecdsa.ExportPkcs8PrivateKeyPem() + "\n";
    }

    /// <summary>
    /// Writes a file that is not there yet, for its owner alone, whole or not at all: of several processes that start at once
    /// one is first, and none reads half a key.
    /// </summary>
    /// <exception cref="IOException">It is there already, or cannot be written.</exception>
    public static void Write(string path, string pem)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnersOnly;
        var part = $"{path}.{Guid.NewGuid():N}";
        try
        {
            using (var writer = new StreamWriter(part, options))
                writer.Write(pem);
            File.Move(part, path, overwrite: false);
        }
        finally
        {
            File.Delete(part);
        }
    }

    private static string Why(Exception e) => e is CryptographicException ? e.Message.TrimEnd('.') : e.GetType().Name;

    private static SigningKey OfPem(string text)
    {
        try
        {
            using var ecdsa = ECDsa.Create();
            ecdsa.ImportFromPem(text);
            return SigningKey.Of(ecdsa);
        }
        catch (Exception e) when (text.Contains("PRIVATE KEY", StringComparison.Ordinal)
            && !text.Contains("EC PRIVATE KEY", StringComparison.Ordinal)
            && e is ArgumentException or CryptographicException)
        {
            using var rsa = RSA.Create();
            rsa.ImportFromPem(text);
            return SigningKey.Of(rsa);
        }
    }

    private static IReadOnlyList<SigningKey> OfJson(string text)
    {
        using var json = JsonDocument.Parse(text);
        var keys = json.RootElement.TryGetProperty("keys", out _) ? JsonWebKeySet.Create(text).Keys : [JsonWebKey.Create(text)];
        if (keys.Count == 0) throw new CryptographicException("the set is empty");
        return [.. keys.Select(OfJwk)];
    }

    private static SigningKey OfJwk(JsonWebKey jwk)
    {
        if (jwk.Kty is not JsonWebAlgorithmsKeyTypes.Octet && !jwk.HasPrivateKey)
            throw new CryptographicException("a JWK in it has no private part");
        switch (jwk.Kty)
        {
            case JsonWebAlgorithmsKeyTypes.EllipticCurve when jwk.Crv == JsonWebKeyECTypes.P256:
                using (var ecdsa = ECDsa.Create(Parameters(jwk)))
                    return SigningKey.Of(ecdsa, jwk.KeyId);
            case JsonWebAlgorithmsKeyTypes.RSA:
                using (var rsa = RSA.Create(RsaParameters(jwk)))
                    return SigningKey.Of(rsa, jwk.KeyId);
            default:
                throw new CryptographicException("a JWK in it is neither of EC P-256 nor RSA; a secret would be every service's");
        }
    }

    private static ECParameters Parameters(JsonWebKey jwk) => new()
    {
        Curve = ECCurve.NamedCurves.nistP256,
        Q = new() { X = Base64UrlEncoder.DecodeBytes(jwk.X), Y = Base64UrlEncoder.DecodeBytes(jwk.Y) },
        D = Base64UrlEncoder.DecodeBytes(jwk.D),
    };

    private static RSAParameters RsaParameters(JsonWebKey jwk) => new()
    {
        Modulus = Base64UrlEncoder.DecodeBytes(jwk.N),
        Exponent = Base64UrlEncoder.DecodeBytes(jwk.E),
        D = Base64UrlEncoder.DecodeBytes(jwk.D),
        P = Base64UrlEncoder.DecodeBytes(jwk.P),
        Q = Base64UrlEncoder.DecodeBytes(jwk.Q),
        DP = Base64UrlEncoder.DecodeBytes(jwk.DP),
        DQ = Base64UrlEncoder.DecodeBytes(jwk.DQ),
        InverseQ = Base64UrlEncoder.DecodeBytes(jwk.QI),
    };
}
