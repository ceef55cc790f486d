using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace Gateway.Configuration;

/// <summary>Says in a person's words where a configuration value comes from.</summary>
internal static class ConfigSource
{
    private static readonly string[] SecretWords = ["password", "secret", "token", "connectionstring", "credential"];

    /// <summary>
    /// The source that sets <paramref name="key"/> or something below it; the last one wins, as in the configuration
    /// itself.
    /// </summary>
    public static string Of(IConfigurationRoot root, string key)
    {
        foreach (var provider in root.Providers.Reverse())
            if (provider.TryGet(key, out _) || provider.GetChildKeys([], key).Any())
                return Name(provider, key);
        return root.Providers.OfType<FileConfigurationProvider>().LastOrDefault() is { } file ? Name(file, key) : "configuration";
    }

    public static string Name(IConfigurationProvider provider, string key) => provider switch
    {
        FileConfigurationProvider { Source.Path: { } path } => Path.GetFileName(path),
        EnvironmentVariablesConfigurationProvider => $"environment variable {key.Replace(":", "__", StringComparison.Ordinal)}",
        CommandLineConfigurationProvider => "command line",
        _ => "configuration",
    };

    /// <summary>The value as it may be shown: never one whose key speaks of a secret, and no credentials of a URL.</summary>
    public static string? Shown(string key, string? value)
    {
        if (value is null) return null;
        if (SecretWords.Any(word => key.Contains(word, StringComparison.OrdinalIgnoreCase))) return "***";
        var start = value.IndexOf("//", StringComparison.Ordinal) + 2;
        var end = value.LastIndexOf('@');
        return start >= 2 && end > start ? $"{value[..start]}***{value[end..]}" : value;
    }
}
