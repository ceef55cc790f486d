using System.Net;
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

    /// <summary>
    /// A file whose text must be presented as a bearer token where people's data is read; unset: nobody is asked on loopback, and
    /// nobody is let in elsewhere.
    /// </summary>
    public string? TokenFile { get; init; }

    /// <summary>Whether only this machine reaches the listener.</summary>
    public bool IsLoopback
    {
        get
        {
            var host = BindingAddress.Parse(Url).Host;
            if (host is "localhost") return true;
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

    public void Validate(ConfigErrors errors)
    {
        ValidateUrl(errors);
        if (TokenFile is null) return;
        try
        {
            if (ReadToken().Length > 0) return;
            errors.Add($"{Section}:{nameof(TokenFile)}", "is an empty file: write a long random text into it");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            errors.Add($"{Section}:{nameof(TokenFile)}", $"cannot be read: {e.Message}");
        }
    }

    /// <summary>
    /// The token as it is in the file now, without the white space around it: it may be replaced while running.
    /// </summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public string ReadToken() => File.ReadAllText(TokenFile!).Trim();

    public void ValidateUrl(ConfigErrors errors)
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
