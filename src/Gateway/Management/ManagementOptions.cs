using System.Net;
using Gateway.Configuration;

namespace Gateway.Management;

/// <summary>The second listener, for operators only.</summary>
internal sealed record ManagementOptions
{
    public const string Section = "Management";

    /// <summary>
    /// Where it listens, in ASP.NET Core's form (<c>http://+:8001</c> means every address); loopback unless told otherwise.
    /// </summary>
    public string Url { get; init; } = "http://127.0.0.1:8001";

    /// <summary>Host names by which it may be asked, besides addresses and <c>localhost</c>; without a port.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>
    /// A file whose text must be presented as a bearer token where people's data is read or something is changed; unset: nobody
    /// is asked on loopback, and nobody is let in elsewhere.
    /// </summary>
    public string? TokenFile { get; init; }

    /// <summary>A file whose text must be presented as a bearer token for <c>/metrics</c>; unset: nobody is asked.</summary>
    public string? MetricsTokenFile { get; init; }

    /// <summary>Whether everybody who reaches the listener may read people's data and end their sessions.</summary>
    public bool AllowAnonymous { get; init; }

    /// <summary>Whether only this machine reaches the listener.</summary>
    public bool IsLoopback
    {
        get
        {
            var host = BindingAddress.Parse(Url).Host;
            if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase)) return true;
            return IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address);
        }
    }

    /// <summary>The address as another program on this machine asks it.</summary>
    /// <exception cref="FormatException">There cannot be one.</exception>
    public Uri LocalAddress
    {
        get
        {
            var address = BindingAddress.Parse(Url);
            var host = address.Host is "+" or "*" or "0.0.0.0" or "[::]" ? "127.0.0.1" : address.Host;
            return new Uri($"{address.Scheme}://{host}:{address.Port}");
        }
    }

    /// <summary>The same with full paths: relative ones start at <paramref name="folder"/>.</summary>
    public ManagementOptions In(string folder) => this with
    {
        TokenFile = FullPath(TokenFile, folder),
        MetricsTokenFile = FullPath(MetricsTokenFile, folder),
    };

    public void Validate(ConfigErrors errors)
    {
        ValidateUrl(errors);
        ValidateToken($"{Section}:{nameof(TokenFile)}", TokenFile, errors);
        ValidateToken($"{Section}:{nameof(MetricsTokenFile)}", MetricsTokenFile, errors);
        if (AllowAnonymous && TokenFile is not null)
            errors.Add($"{Section}:{nameof(AllowAnonymous)}", $"is set beside {nameof(TokenFile)}: take one of them out");
        for (var i = 0; i < Hosts.Count; i++)
        {
            if (Uri.CheckHostName(Hosts[i]) is not UriHostNameType.Dns)
                errors.Add($"{Section}:{nameof(Hosts)}:{i}", "is not a host name such as gateway.internal (no scheme, no port)");
        }
    }

    public void ValidateUrl(ConfigErrors errors)
    {
        const string Key = $"{Section}:{nameof(Url)}";
        try
        {
            _ = LocalAddress; // throws for what has the form but is no address, such as port 99999
            var address = BindingAddress.Parse(Url);
            if (address is { Scheme: "http", PathBase: "", IsUnixPipe: false, IsNamedPipe: false })
            {
                if (!IsListenable(address.Host))
                    errors.Add(
                        Key,
                        "is a name, which would listen on every address: write an IP address, localhost, or + for all of them");
                return;
            }
        }
        catch (FormatException)
        {
            // said below
        }
        errors.Add(Key, "is not where a listener can be: write http://127.0.0.1:8001, or http://+:8001 for every address");
    }

    /// <summary>Of a name Kestrel listens on every address, whatever it resolves to.</summary>
    private static bool IsListenable(string host) =>
        host is "+" or "*"
        || host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || IPAddress.TryParse(host.Trim('[', ']'), out _);

    private static string? FullPath(string? file, string folder) =>
        string.IsNullOrEmpty(file) ? file : Path.GetFullPath(file, folder);

    private static void ValidateToken(string key, string? file, ConfigErrors errors)
    {
        if (file is null) return;
        try
        {
            if (File.ReadAllText(file).Trim().Length == 0)
                errors.Add(key, "is an empty file: write a long random text into it");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            errors.Add(key, $"cannot be read: {e.Message}");
        }
    }
}
