using System.Net;
using System.Net.Sockets;

namespace Quickstart;

/// <summary>Every listener's port; 0 takes a free one.</summary>
internal sealed record Ports
{
    public static readonly Ports Free = new();

    public int Gateway { get; init; }

    public int Management { get; init; }

    public int Hello { get; init; }

    public int World { get; init; }

    public int KratosPublic { get; init; }

    public int KratosAdmin { get; init; }

    public int Ui { get; init; }

    /// <summary>
    /// Why these ports cannot be used, in one line that names port and flag; null when they can. Without DevKratos its
    /// ports do not matter.
    /// </summary>
    public string? Problem(bool withDevKratos)
    {
        var listeners = Listeners(withDevKratos);
        foreach (var (flag, port) in listeners)
            if (port is < 0 or > IPEndPoint.MaxPort)
                return $"{flag} {port} is no port: use 1 to {IPEndPoint.MaxPort}, or 0 for a free one.";
        foreach (var same in listeners.Where(l => l.Port != 0).GroupBy(l => l.Port).Where(g => g.Count() > 1))
        {
            var flags = string.Join(" and ", same.Select(listener => listener.Flag));
            return $"{flags} cannot both have port {same.Key}: choose another for one of them (0 takes a free one).";
        }
        foreach (var (flag, port) in listeners)
        {
            if (port == 0 || IsFree(port)) continue;
            return $"Port {port} is in use: stop the program that uses it, or choose another with {flag} (0 takes a free one).";
        }
        return null;
    }

    private (string Flag, int Port)[] Listeners(bool withDevKratos)
    {
        (string, int)[] own =
        [
            ("--gateway-port", Gateway),
            ("--management-port", Management),
            ("--hello-port", Hello),
            ("--world-port", World),
        ];
        (string, int)[] ofDevKratos =
        [
            ("--kratos-public-port", KratosPublic),
            ("--kratos-admin-port", KratosAdmin),
            ("--ui-port", Ui),
        ];
        return withDevKratos ? [.. own, .. ofDevKratos] : own;
    }

    /// <summary>One that is free at the moment.</summary>
    public static int AnyFree()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
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
