using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gateway.Configuration;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Gateway.Forwarding.Signing;

/// <summary>What one reading of the configuration found out about tokens.</summary>
/// <param name="IsOn">Whether there are to be tokens.</param>
/// <param name="Issuer">Null: there are none, or their section has mistakes.</param>
internal readonly record struct TokenSettings(bool IsOn, TokenIssuer? Issuer);

/// <summary>The section <c>IdentityToken</c>, compiled with its keys: one load's way of signing.</summary>
internal sealed class TokenIssuer
{
    /// <summary>Where a generated key is kept when development names no file.</summary>
    private const string DevelopmentFile = "identity-token.pem";

    private const string DefaultClaims = """
        { "sid": "{session.id}", "acr": "{session.authenticator_assurance_level}", "email": "{identity.traits.email}" }
        """;

    private static readonly JsonWebTokenHandler Handler = new();

    private TokenIssuer(IdentityTokenOptions options, IReadOnlyList<SigningKey> keys, ClaimsTemplate claims, string claimsText)
    {
        (Options, Keys, Claims) = (options, keys, claims);
        // A JWK may keep its id and be another key.
        var named = keys.Select(key => $"{key.Id}\0{key.Thumbprint}");
        string[] parts = [options.Issuer!, options.Header, $"{options.Lifetime}", claimsText, .. named];
        Id = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', parts))));
    }

    public IdentityTokenOptions Options { get; }

    /// <summary>The first signs.</summary>
    public IReadOnlyList<SigningKey> Keys { get; }

    public ClaimsTemplate Claims { get; }

    /// <summary>Another for everything that makes another token.</summary>
    public string Id { get; }

    /// <summary>Compiles the section; null when it is off, or bad with every mistake in <paramref name="errors"/>.</summary>
    /// <param name="folder">From which relative paths are read.</param>
    /// <param name="mayGenerate">In development a key that is not there is generated and kept.</param>
    public static TokenIssuer? Read(IdentityTokenOptions options, string folder, bool mayGenerate, ConfigErrors errors)
    {
        if (!options.IsOn) return null;
        var before = errors.All.Count;
        var keys = ReadKeys(options, folder, mayGenerate, errors);
        var claimsKey = $"{IdentityTokenOptions.Section}:{nameof(options.Claims)}";
        using var defaults = JsonDocument.Parse(DefaultClaims);
        var json = options.Claims is { } section && section.Exists() ? ConfigurationJson.Of(section) : defaults.RootElement;
        var claims = ClaimsTemplate.Read(json, (place, problem) => errors.Add(claimsKey + place, problem));
        return errors.All.Count > before ? null : new(options, keys, claims, json.GetRawText());
    }

    /// <summary>The files whose text is part of a load.</summary>
    public static IEnumerable<string> KeyFiles(IConfiguration configuration, string folder) => configuration
        .GetSection($"{IdentityTokenOptions.Section}:{nameof(IdentityTokenOptions.SigningKeys)}")
        .GetChildren()
        .Select(key => key[nameof(SigningKeyOptions.File)])
        .Where(file => !string.IsNullOrEmpty(file))
        .Select(file => Path.Combine(folder, file!));

    /// <summary>A signed token with exactly this payload.</summary>
    public string Sign(string payload) => Handler.CreateToken(payload, Keys[0].Credentials);

    private static List<SigningKey> ReadKeys(
        IdentityTokenOptions options, string folder, bool mayGenerate, ConfigErrors errors)
    {
        var section = $"{IdentityTokenOptions.Section}:{nameof(options.SigningKeys)}";
        var files = options.SigningKeys.Select((key, i) => (Key: $"{section}:{i}:File", key.File)).ToList();
        if (files.Count == 0 && mayGenerate)
            files.Add((section, DevelopmentFile));
        if (files.Count == 0)
            errors.Add(section, "is missing: make a key with gateway keys new FILE and write [ { File: FILE } ]");
        var keys = new List<SigningKey>();
        foreach (var (place, file) in files)
        {
            var path = Path.Combine(folder, file);
            if (mayGenerate && file.Length > 0 && !File.Exists(path))
                Generate(path);
            keys.AddRange(SigningKeyFile.Read(path, out var problem));
            if (problem is not null)
                errors.Add(place, problem);
        }
        if (keys.DistinctBy(key => key.Id).Count() < keys.Count)
            errors.Add(section, "has two keys of one id: take one out");
        return keys;
    }

    private static void Generate(string path)
    {
        try
        {
            SigningKeyFile.Write(path, SigningKeyFile.NewPem("ES256"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Whoever reads it says so; or another process was faster.
        }
    }
}
