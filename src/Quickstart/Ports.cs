using System.Net;
using System.Net.Sockets;

namespace Quickstart;

/// <summary>Every listener's port; 0 takes a free one.</summary>
internal sealed record Ports(int Gateway, int Management, int Hello, int World, int KratosPublic, int KratosAdmin, int Ui)
{
    /// <summary>The ports with their flags, in the order in which a busy one is reported.</summary>
    public IReadOnlyList<(string Flag, int Port)> ByFlag =>
    [
        ("--gateway-port", Gateway), ("--management-port", Management), ("--hello-port", Hello), ("--world-port", World),
        ("--kratos-public-port", KratosPublic), ("--kratos-admin-port", KratosAdmin), ("--ui-port", Ui),
    ];

    /// <summary>The first port that is taken by another program, or null. Without DevKratos its ports do not matter.</summary>
    public (string Flag, int Port)? FirstBusy(bool withKratos) =>
        ByFlag.Take(withKratos ? 7 : 4).Where(p => p.Port != 0 && !IsFree(p.Port)).Select(p => ((string, int)?)p).FirstOrDefault();

    /// <summary>The same with every 0 replaced: the services must know each other's addresses before they start.</summary>
    public Ports Resolved()
    {
        var held = new List<TcpListener>(); // held until all are chosen, so that no two are the same
        int Choose(int port)
        {
            if (port != 0) return port;
            var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            held.Add(listener);
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        var resolved = new Ports(Choose(Gateway), Choose(Management), Choose(Hello), Choose(World), Choose(KratosPublic), Choose(KratosAdmin), Choose(Ui));
        foreach (var listener in held) listener.Stop();
        return resolved;
    }

    private static bool IsFree(int port)
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // As Kestrel binds on Linux: connections of a stopped program that linger do not count.
            probe.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, !OperatingSystem.IsWindows());
            probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
