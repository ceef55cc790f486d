using System.Net;
using Gateway.Configuration;

namespace Gateway.Network;

/// <summary>What stands in front of the gateway.</summary>
internal sealed class NetworkOptions
{
    public const string Section = "Network";

    /// <summary>Addresses or CIDRs whose <c>X-Forwarded-*</c> are believed. None by default.</summary>
    public IReadOnlyList<string> TrustedProxies { get; init; } = [];

    public IEnumerable<IPNetwork> Networks => TrustedProxies.Select(text => TryParse(text)!.Value);

    public void Validate(ConfigErrors errors)
    {
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
