using Gateway.Configuration;

namespace Gateway.Management;

/// <summary>The second listener, for operators only.</summary>
internal sealed class ManagementOptions
{
    public const string Section = "Management";

    /// <summary>
    /// Where it listens, in ASP.NET Core's form (<c>http://+:8001</c> means every address); loopback unless told otherwise.
    /// </summary>
    public string Url { get; init; } = "http://127.0.0.1:8001";

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

    public void Validate(ConfigErrors errors)
    {
        try
        {
            _ = LocalAddress; // throws for what has the form but is no address, such as port 99999
            if (BindingAddress.Parse(Url) is { Scheme: "http", PathBase: "", IsUnixPipe: false, IsNamedPipe: false }) return;
        }
        catch (FormatException)
        {
            // said below
        }
        errors.Add(
            $"{Section}:{nameof(Url)}",
            "is not where a listener can be: write http://127.0.0.1:8001, or http://+:8001 for every address");
    }
}
