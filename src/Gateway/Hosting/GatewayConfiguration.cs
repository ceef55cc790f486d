using Gateway.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;

namespace Gateway.Hosting;

/// <summary>Thrown when the gateway cannot start with its configuration; its message names every mistake.</summary>
public sealed class ConfigurationException : Exception
{
    internal ConfigurationException(string? file, IReadOnlyList<ConfigError> errors)
        : base($"{GatewayConfiguration.Name(file)} has {errors.Count} mistake{(errors.Count == 1 ? "" : "s")}:\n  "
            + string.Join("\n  ", errors)) => Errors = errors;

    internal IReadOnlyList<ConfigError> Errors { get; }
}

/// <summary>
/// Where configuration comes from: appsettings.json, the user's file, environment variables, command line; the last wins.
/// </summary>
internal static class GatewayConfiguration
{
    public const string FileVariable = "GATEWAY_CONFIG";

    /// <summary>The full path of the user's file: the one given, else that of <c>GATEWAY_CONFIG</c>; null: none.</summary>
    public static string? FullPath(string? given) =>
        (given ?? Environment.GetEnvironmentVariable(FileVariable)) is { Length: > 0 } path ? Path.GetFullPath(path) : null;

    /// <summary>The beginning of a sentence about the configuration, which says what file was read.</summary>
    public static string Name(string? file) => file is null ? "The configuration" : $"{file}: the configuration";

    /// <summary>Puts the user's file in its place among the framework's sources.</summary>
    public static ConfigurationFile? AddUserFile(ConfigurationManager configuration, string? path)
    {
        // The shipped defaults do not change while running: no watcher over the whole folder for them.
        foreach (var settings in configuration.Sources.OfType<JsonConfigurationSource>())
            settings.ReloadOnChange = false;
        if (string.IsNullOrEmpty(path)) return null;
        var file = new ConfigurationFile(path);
        var environment = configuration.Sources.ToList().FindLastIndex(IsEnvironment);
        if (environment >= 0)
            configuration.Sources.Insert(environment, file);
        else
            configuration.Sources.Add(file);
        return file;
    }

    private static bool IsEnvironment(IConfigurationSource source) =>
        source is EnvironmentVariablesConfigurationSource { Prefix: null or "" };

    /// <exception cref="ConfigurationException">It has mistakes.</exception>
    public static GatewaySettings Read(IConfigurationRoot configuration, ConfigurationFile? file)
    {
        var errors = new ConfigErrors(configuration);
        var settings = GatewaySettings.Read(configuration, file, errors);
        if (settings is not null)
            RouteTrial.Run(settings.Routes, settings, errors);
        return errors.Any ? throw new ConfigurationException(file?.FullPath, errors.All) : settings!;
    }
}
