using Docker.DotNet.Models;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.ContainerTests.Harness;

/// <summary>Containers with what <c>deploy/compose/services.yaml</c> gives each (<c>hardened</c>).</summary>
internal static class Hardened
{
    public static ContainerBuilder Container(string image) =>
        new ContainerBuilder(image)
            .WithTmpfsMount("/tmp")
            .WithCreateParameterModifier(parameters =>
            {
                var host = parameters.HostConfig!;
                host.ReadonlyRootfs = true;
                host.CapDrop = ["ALL"];
                host.SecurityOpt = ["no-new-privileges:true"];
                host.PidsLimit = 200;
                host.Memory = 512L << 20;
                parameters.StopTimeout = TimeSpan.FromSeconds(40);
            })
            .WithCreateParameterModifier(PublishOnLoopback)
            .WithLogger(NullLogger.Instance);

    /// <summary>One of the two services, under its name.</summary>
    public static IContainer Service(string name, Networks networks) =>
        Container(Images.Named(name))
            .WithNetwork(networks.Services)
            .WithNetworkAliases(name)
            .WithWaitStrategy(Wait.ForUnixContainer().UntilInternalTcpPortIsAvailable(8090))
            .Build();

    /// <summary>Ports are published on every address otherwise.</summary>
    public static void PublishOnLoopback(CreateContainerParameters parameters)
    {
        foreach (var binding in parameters.HostConfig?.PortBindings?.Values.SelectMany(b => b) ?? [])
            binding.HostIP = "127.0.0.1";
    }
}
