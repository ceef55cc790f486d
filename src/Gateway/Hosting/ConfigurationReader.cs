using System.Security.Cryptography;
using System.Text;
using Gateway.Configuration;
using Gateway.Forwarding.Signing;
using Gateway.Routes;

namespace Gateway.Hosting;

/// <summary>Reads the configuration again while the gateway runs.</summary>
internal sealed class ConfigurationReader(IConfigurationRoot configuration, ConfigurationFile? file, GatewaySettings inForce)
{
    private readonly IReadOnlyDictionary<string, string> _atStart = GatewaySettings.StartOnlyText(configuration);
    private string _last = Fingerprint(configuration, file);

    /// <summary>Null: it is what was read last. A save is often announced twice, and is one save.</summary>
    /// <param name="tokens">Gets the token issuer of a load before its routes ask for it.</param>
    public RouteLoad? Read(TokenIssuers tokens)
    {
        var now = Fingerprint(configuration, file);
        if (now == _last) return null;
        _last = now;

        var errors = new ConfigErrors(configuration);
        var needRestart = NeedRestart();
        if (GatewaySettings.Read(configuration, file, errors) is not { } read) return new(null, errors.All, needRestart);

        var table = needRestart.Length == 0 ? read.Routes : ReadAsInForce(read, errors);
        if (table is not null)
            RouteTrial.Run(table, inForce, errors);
        if (errors.Any || table is null) return new(null, errors.All, needRestart);
        tokens.Offer(table.Tokens);
        return new(table, errors.All, needRestart);
    }

    /// <summary>Kratos' and the UI's routes come from sections that only a start reads: with those in force.</summary>
    private RouteTable? ReadAsInForce(GatewaySettings read, ConfigErrors errors) => RouteTable.Read(
        configuration,
        BuiltInRoutes.Of(inForce.Kratos, inForce.SelfService, read.IdentityToken),
        new(
            inForce.Kratos.SessionCookie,
            read.RateLimits,
            new(read.IdentityToken.IsOn, read.Routes.Tokens),
            [.. inForce.Forwarding.Headers.Keys]),
        errors);

    private string[] NeedRestart()
    {
        var changed = GatewaySettings.StartOnlyText(configuration).Where(section => _atStart[section.Key] != section.Value);
        return [.. changed.Select(section => section.Key)];
    }

    private static string Fingerprint(IConfigurationRoot configuration, ConfigurationFile? file)
    {
        var text = new StringBuilder(file?.Failure);
        foreach (var (key, value) in configuration.AsEnumerable())
            text.Append(key).Append('\0').Append(value).Append('\0');
        text.Append(KeyFileWatch.Text(configuration, GatewaySettings.Folder(file)));
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
