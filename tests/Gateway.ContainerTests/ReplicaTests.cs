using System.Net;
using Gateway.ContainerTests.Harness;

namespace Gateway.ContainerTests;

/// <summary>Two replicas and PostgreSQL between them.</summary>
[Collection(typeof(SharedSystem))]
public sealed class ReplicaTests(RunningSystem system)
{
    private readonly RunningSystem _system = system.Required();

    [Fact]
    public async Task A_logout_through_one_replica_is_in_force_at_the_other_one()
    {
        using var program = Visitor.Program(_system.Gateway);
        await program.RegisterAsync();
        await program.LogInAsync();
        using var elsewhere = program.At(_system.OtherGateway);
        await _system.Gateway.UntilReplicationAsync();
        await _system.OtherGateway.UntilReplicationAsync();
        Assert.Equal(HttpStatusCode.OK, await program.StatusAsync("/hello"));
        Assert.Equal(HttpStatusCode.OK, await elsewhere.StatusAsync("/hello"));

        await program.LogOutAsync();

        await Until.TrueAsync(async () => await elsewhere.StatusAsync("/hello") == HttpStatusCode.Unauthorized);
    }
}
