using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Configuration;
using Microsoft.AspNetCore.Cors.Infrastructure;

namespace Gateway.Traffic.Cors;

/// <summary>Which pages of other origins may read a route's answers, and what their scripts may send.</summary>
internal sealed record CorsPolicySettings
{
    private const string Any = "*";

    private static readonly TimeSpan LongestAge = TimeSpan.FromDays(1);

    /// <summary>Origins, <c>https://*.example.org</c>, or <c>*</c> alone.</summary>
    public IReadOnlyList<string>? AllowedOrigins { get; init; }

    /// <summary>Unset: GET, POST, PUT, PATCH and DELETE, as Oathkeeper has it. Browsers ask for no leave to send HEAD.</summary>
    public IReadOnlyList<string>? AllowedMethods { get; init; }

    /// <summary>Unset: Authorization and Content-Type, as Oathkeeper has it.</summary>
    public IReadOnlyList<string>? AllowedHeaders { get; init; }

    /// <summary>Answer headers that scripts may read, beyond those that the Fetch standard lets them.</summary>
    public IReadOnlyList<string>? ExposedHeaders { get; init; }

    public bool AllowCredentials { get; init; }

    /// <summary>How long a browser may remember a pre-flight's answer; unset: 5 s, says the Fetch standard.</summary>
    public string? MaxAge { get; init; }

    [JsonIgnore]
    private IReadOnlyList<string> Methods => AllowedMethods ?? ["GET", "POST", "PUT", "PATCH", "DELETE"];

    [JsonIgnore]
    private IReadOnlyList<string> Headers => AllowedHeaders ?? ["Authorization", "Content-Type"];

    /// <summary>The settings as they travel in a route's metadata.</summary>
    public string ToText() => JsonSerializer.Serialize(this, CorsJson.Default.CorsPolicySettings);

    public static CorsPolicySettings Parse(string text) =>
        JsonSerializer.Deserialize(text, CorsJson.Default.CorsPolicySettings)!;

    /// <summary>Adds what is wrong below <paramref name="key"/>.</summary>
    public void Validate(string key, ConfigErrors errors)
    {
        ValidateOrigins($"{key}:{nameof(AllowedOrigins)}", errors);
        ValidateTokens($"{key}:{nameof(AllowedMethods)}", AllowedMethods, "a method", errors);
        ValidateTokens($"{key}:{nameof(AllowedHeaders)}", AllowedHeaders, "a header name", errors);
        ValidateTokens($"{key}:{nameof(ExposedHeaders)}", ExposedHeaders, "a header name", errors);
        // The Fetch standard takes this * for a header's name where there are credentials.
        if (AllowCredentials && (ExposedHeaders ?? []).Contains(Any))
            errors.Add($"{key}:{nameof(ExposedHeaders)}", "is * with AllowCredentials, which browsers ignore: name the headers");
        if (MaxAge is not null)
            ValidateAge($"{key}:{nameof(MaxAge)}", MaxAge, errors);
    }

    private void ValidateOrigins(string key, ConfigErrors errors)
    {
        var origins = AllowedOrigins ?? [];
        if (origins.Count == 0)
            errors.Add(key, "is missing: name the origins, such as [ https://app.example.org ], or [ * ] for all");
        if (origins.Contains(Any))
        {
            if (origins.Count > 1)
                errors.Add(key, "has * beside others: write * alone, or take it out");
            if (AllowCredentials)
                errors.Add(key, "is * with AllowCredentials, so any page could act for who is signed in: name the origins");
            return;
        }
        for (var i = 0; i < origins.Count; i++)
        {
            if (OriginPattern.Parse(origins[i], out var problem) is null)
                errors.Add($"{key}:{i}", problem);
            else if (origins[i] == OriginPattern.Null && AllowCredentials)
                errors.Add($"{key}:{i}", "is null with AllowCredentials: any page can have that origin; take one of them out");
        }
    }

    private static void ValidateTokens(string key, IReadOnlyList<string>? values, string meaning, ConfigErrors errors)
    {
        if (values is null) return;
        for (var i = 0; i < values.Count; i++)
        {
            if (!HttpToken.Is(values[i]))
                errors.Add($"{key}:{i}", $"is not {meaning}");
        }
        if (values.Count > 1 && values.Contains(Any))
            errors.Add(key, "has * beside others: write * alone, or take it out");
    }

    private static void ValidateAge(string key, string text, ConfigErrors errors)
    {
        if (Duration.Parse(text) is not { } age)
            errors.Add(key, Duration.Problem);
        else if (age < TimeSpan.Zero || age > LongestAge)
            errors.Add(key, $"is outside 0s to {LongestAge.Days}d");
        else if (age.Ticks % TimeSpan.TicksPerSecond != 0)
            errors.Add(key, "is not in whole seconds, in which browsers count");
    }

    /// <summary>The framework's form of checked settings.</summary>
    public CorsPolicy Compile()
    {
        var policy = new CorsPolicy
        {
            SupportsCredentials = AllowCredentials,
            PreflightMaxAge = MaxAge is null ? null : Duration.Parse(MaxAge),
        };
        Add(policy.Methods, Methods);
        Add(policy.Headers, Headers);
        Add(policy.ExposedHeaders, ExposedHeaders ?? []);
        if (AllowedOrigins is [Any])
            policy.Origins.Add(Any);
        else
            policy.IsOriginAllowed = Matcher();
        return policy;
    }

    /// <summary>
    /// In the place of the framework's list, whose wildcards do not compare ports, and with which Vary would be missing where
    /// there is only one entry.
    /// </summary>
    private Func<string, bool> Matcher()
    {
        OriginPattern[] patterns = [.. (AllowedOrigins ?? []).Select(text => OriginPattern.Parse(text, out _)!)];
        return origin => Array.Exists(patterns, pattern => pattern.Allows(origin));
    }

    private static void Add(IList<string> list, IEnumerable<string> values)
    {
        foreach (var value in values)
            list.Add(value);
    }
}

/// <summary>How settings travel in a route's metadata.</summary>
[JsonSerializable(typeof(CorsPolicySettings))]
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class CorsJson : JsonSerializerContext;
