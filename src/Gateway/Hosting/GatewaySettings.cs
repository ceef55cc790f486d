using Gateway.Configuration;
using Gateway.Denials;
using Gateway.Forwarding;
using Gateway.Forwarding.Signing;
using Gateway.Kratos;
using Gateway.Management;
using Gateway.Network;
using Gateway.RateLimits;
using Gateway.Replication;
using Gateway.Routes;
using Gateway.SelfService;
using Gateway.Sessions;
using Gateway.Telemetry;
using Gateway.Traffic.Streams;
using Microsoft.Extensions.Configuration.CommandLine;

namespace Gateway.Hosting;

/// <summary>The whole configuration, read and checked in one go.</summary>
internal sealed record GatewaySettings(
    KratosOptions Kratos,
    SessionCacheOptions Sessions,
    LoginOptions Login,
    SelfServiceOptions SelfService,
    ForwardingOptions Forwarding,
    NetworkOptions Network,
    ManagementOptions Management,
    ReplicationOptions Replication,
    AccessLogOptions AccessLog,
    RateLimitOptions RateLimits,
    IdentityTokenOptions IdentityToken,
    StreamOptions Streams,
    RouteTable Routes)
{
    /// <summary>Sections that only a start reads. Routes, clusters, rules and policies are taken over while running.</summary>
    private static readonly string[] StartOnly =
    [
        KratosOptions.Section,
        SessionCacheOptions.Section,
        LoginOptions.Section,
        SelfServiceOptions.Section,
        ForwardingOptions.Section,
        NetworkOptions.Section,
        ManagementOptions.Section,
        ReplicationOptions.Section,
        AccessLogOptions.Section,
        StreamOptions.Section,
        .. RateLimitOptions.StartOnly,
    ];

    /// <summary>Of the framework's keys; Kestrel's endpoints and log levels it takes over by itself.</summary>
    private static readonly string[] FrameworkStartOnly = ["Urls", "Kestrel:Limits", "ShutdownTimeoutSeconds"];

    /// <summary>The framework's own keys, besides the gateway's sections.</summary>
    private static readonly string[] FrameworkKeys =
    [
        "Logging", "Kestrel", "AllowedHosts", "Urls", "HTTP_PORTS", "HTTPS_PORTS", "HTTPS_PORT", "Environment", "ContentRoot",
        "ApplicationName", "ShutdownTimeoutSeconds", "DetailedErrors", "ReverseProxy", "AccessRules",
        CorsPolicies.Section, TimeoutPolicies.Section, RateLimitOptions.Section, IdentityTokenOptions.Section,
    ];

    /// <summary>Reads everything; null when <paramref name="errors"/> has any.</summary>
    public static GatewaySettings? Read(IConfigurationRoot configuration, ConfigurationFile? file, ConfigErrors errors)
    {
        if (file?.Failure is { } failure)
            errors.Add(new ConfigError(file.FullPath, "the file", null, $"cannot be used: {failure}"));
        CheckTopLevel(configuration, errors);

        var kratos = Bind<KratosOptions>(KratosOptions.Section, (o, e) => o.Validate(e));
        var sessions = Bind<SessionCacheOptions>(SessionCacheOptions.Section, (o, e) => o.Validate(e));
        var login = Bind<LoginOptions>(LoginOptions.Section, (o, e) => o.Validate(e));
        var selfService = Bind<SelfServiceOptions>(SelfServiceOptions.Section, (o, e) => o.Validate(e));
        var forwarding = Bind<ForwardingOptions>(ForwardingOptions.Section, (o, e) => o.Validate(e));
        var network = Bind<NetworkOptions>(NetworkOptions.Section, (o, e) => o.Validate(e));
        var folder = Folder(file);
        var management = Bind<ManagementOptions>(
            ManagementOptions.Section, (o, e) => o.Validate(e), located: o => o.In(folder));
        var replication = Bind<ReplicationOptions>(ReplicationOptions.Section, (o, e) => o.Validate(e));
        var accessLog = Bind<AccessLogOptions>(AccessLogOptions.Section, (_, _) => { });
        var rateLimits = Bind<RateLimitOptions>(
            RateLimitOptions.Section, (o, e) => o.Validate(e), RateLimitOptions.Durations, o => o.In(folder));
        var identityToken = Bind<IdentityTokenOptions>(IdentityTokenOptions.Section, (o, e) => o.Validate(e));
        var streams = Bind<StreamOptions>(StreamOptions.Section, (o, e) => o.Validate(e), StreamOptions.Durations);
        var tokens = ReadTokens(identityToken, configuration, file, errors);
        var builtIn = BuiltInRoutes.Of(kratos, selfService, identityToken);
        forwarding.ValidateBeside(network, identityToken, errors);
        var settings = new RouteSettings(kratos.SessionCookie, rateLimits, tokens, [.. forwarding.Headers.Keys]);
        var routes = RouteTable.Read(configuration, builtIn, settings, errors);
        if (errors.Any) return null;
        return new(
            kratos, sessions, login, selfService, forwarding, network, management, replication, accessLog, rateLimits,
            identityToken, streams, routes!);

        // durations: the keys that may be written as Duration reads them; located: the options with full paths.
        T Bind<T>(
            string name, Action<T, ConfigErrors> validate, string[]? durations = null, Func<T, T>? located = null)
            where T : class, new()
        {
            var section = Duration.Spelled(configuration.GetSection(name), IsDuration);
            var before = errors.All.Count;
            SectionChecker.Check(section, typeof(T), errors);
            var bad = errors.All.Skip(before).Select(e => e.Key).ToArray();
            var options = (bad.Length == 0 ? section : Without(section, bad)).Get<T>() ?? new();
            options = located?.Invoke(options) ?? options;
            validate(options, errors);
            return options;

            bool IsDuration(string key) =>
                durations?.Contains(ConfigurationPath.GetSectionKey(key), StringComparer.OrdinalIgnoreCase) is true;
        }
    }

    /// <summary>
    /// From where relative paths in the configuration are read: its file's folder, else where the command is given.
    /// </summary>
    public static string Folder(ConfigurationFile? file) =>
        file is null ? Environment.CurrentDirectory : Path.GetDirectoryName(file.FullPath)!;

    private static TokenSettings ReadTokens(
        IdentityTokenOptions options, IConfiguration configuration, ConfigurationFile? file, ConfigErrors errors)
    {
        var isDevelopment = Environments.Development.Equals(configuration["Environment"], StringComparison.OrdinalIgnoreCase);
        return new(options.IsOn, options.IsOn ? TokenIssuer.Read(options, Folder(file), isDevelopment, errors) : null);
    }

    /// <summary>The section without the keys that do not convert, so that its other mistakes are found as well.</summary>
    private static IConfigurationSection Without(IConfigurationSection section, string[] bad)
    {
        var good = section.AsEnumerable().Where(pair => pair.Value is not null && !bad.Any(key => IsUnder(key, pair.Key)));
        return new ConfigurationBuilder().AddInMemoryCollection(good).Build().GetSection(section.Path);
    }

    private static bool IsUnder(string key, string other) =>
        $"{other}:".StartsWith($"{key}:", StringComparison.OrdinalIgnoreCase);

    /// <summary>What only a start reads, by section, to be compared with another reading.</summary>
    public static IReadOnlyDictionary<string, string> StartOnlyText(IConfiguration configuration) =>
        StartOnly.Concat(FrameworkStartOnly).ToDictionary(
            name => name,
            name => ConfigurationJson.Of(configuration.GetSection(name)).GetRawText());

    /// <summary>
    /// A misspelt section in the user's file or on the command line would silently leave its defaults. Environment
    /// variables hold anything.
    /// </summary>
    private static void CheckTopLevel(IConfigurationRoot configuration, ConfigErrors errors)
    {
        string[] known = [.. StartOnly, .. FrameworkKeys];
        foreach (var provider in configuration.Providers.Where(HasOnlyOurKeys))
            foreach (var key in provider.GetChildKeys([], null).Distinct(StringComparer.OrdinalIgnoreCase))
            {
                if (known.Contains(key, StringComparer.OrdinalIgnoreCase)) continue;
                var problem = $"is an unknown section{Suggestion.For(key, known)}";
                errors.Add(new ConfigError(ConfigSource.Name(provider, key), key, null, problem));
            }
    }

    private static bool HasOnlyOurKeys(IConfigurationProvider provider) =>
        provider is FileConfigurationProvider or CommandLineConfigurationProvider;
}
