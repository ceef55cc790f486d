using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Networks;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.ContainerTests.Harness;

/// <summary>
/// compose's three networks: <c>services</c> and <c>identity</c> have no way out, and only the gateway is in all.
/// </summary>
internal sealed class Networks : IAsyncDisposable
{
    private Networks()
    {
    }

    public INetwork Edge { get; } = Build(isInternal: false);

    public INetwork Services { get; } = Build(isInternal: true);

    public INetwork Identity { get; } = Build(isInternal: true);

    public static async Task<Networks> CreateAsync()
    {
        var networks = new Networks();
        // One after the other: they take their address ranges from one pool.
        await networks.Edge.CreateAsync();
        await networks.Services.CreateAsync();
        await networks.Identity.CreateAsync();
        return networks;
    }

    public async ValueTask DisposeAsync()
    {
        await Edge.DisposeAsync();
        await Services.DisposeAsync();
        await Identity.DisposeAsync();
    }

    private static INetwork Build(bool isInternal) =>
        new NetworkBuilder()
            .WithCreateParameterModifier(p => p.Internal = isInternal)
            .WithLogger(NullLogger.Instance)
            .Build();
}
