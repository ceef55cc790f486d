using System.Net;
using Gateway.Configuration;

namespace Gateway.Network;

/// <summary>What stands in front of the gateway.</summary>
internal sealed class NetworkOptions
{
    public const string Section = "Network";

    /// <summary>Addresses or CIDRs whose <c>X-Forwarded-*</c> are believed. None by default.</summary>
    public IReadOnlyList<string> TrustedProxies { get; init; } = [];

    /// <summary>The most connections of clients at once; unset: what the limit of open files allows.</summary>
    public int? MaxConnections { get; init; }

    /// <summary>
    /// How long requests are still taken after the signal to stop, so that a load balancer may notice. At most 5 minutes, and
    /// part of <c>ShutdownTimeoutSeconds</c>.
    /// </summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(5);

    public IEnumerable<IPNetwork> Networks => TrustedProxies.Select(text => TryParse(text)!.Value);

    public void Validate(ConfigErrors errors)
    {
        errors.RequireRange($"{Section}:{nameof(DrainTime)}", DrainTime, TimeSpan.Zero, TimeSpan.FromMinutes(5));
        if (MaxConnections is < 1 or > 1_000_000)
            errors.Add($"{Section}:{nameof(MaxConnections)}", "is not 1 to 1000000");
        for (var i = 0; i < TrustedProxies.Count; i++)
        {
            var key = $"{Section}:{nameof(TrustedProxies)}:{i}";
            if (TryParse(TrustedProxies[i]) is not { } network)
                errors.Add(key, "is not an address or CIDR such as 10.0.0.0/8");
            else if (network.PrefixLength == 0)
                errors.Add(key, "trusts everybody: anyone could then claim any address; name the proxies' network");
        }
    }

    private static IPNetwork? TryParse(string text)
    {
        if (IPNetwork.TryParse(text, out var network)) return network;
        if (!IPAddress.TryParse(text, out var address)) return null;
        return new IPNetwork(address, address.GetAddressBytes().Length * 8);
    }
}
