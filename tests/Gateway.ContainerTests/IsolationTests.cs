using DotNet.Testcontainers.Containers;
using Gateway.ContainerTests.Harness;

namespace Gateway.ContainerTests;

/// <summary>What cannot be reached, written or called.</summary>
[Collection(typeof(SharedSystem))]
public sealed class IsolationTests(RunningSystem system)
{
    private static readonly int[] s_kratosPorts = [3000, 4433, 4434, 4455];

    private readonly RunningSystem _system = system.Required();

    [Fact]
    public async Task From_hello_neither_Kratos_nor_the_database_nor_the_management_port_answers()
    {
        // First that the probe can succeed at all.
        var gateway = await AddressesAsync(_system.Gateway.Container);
        Assert.Equal(3, gateway.Length);
        var reached = await ReachedAsync(["127.0.0.1/8090", "world/8090", .. gateway.Select(host => $"{host}/8000")]);
        Assert.Equal(3, reached.Length);

        var kratos = (await AddressesAsync(_system.Kratos)).Concat(["kratos", "kratos-admin", "ui"]);
        var postgres = (await AddressesAsync(_system.Postgres)).Append("postgres");
        Assert.Empty(await ReachedAsync([
            .. gateway.Select(host => $"{host}/8001"),
            .. kratos.SelectMany(host => s_kratosPorts.Select(port => $"{host}/{port}")),
            .. postgres.Select(host => $"{host}/5432"),
        ]));
    }

    [Fact]
    public async Task Only_the_gateways_port_is_published_and_only_on_loopback()
    {
        foreach (var container in _system.Own.Values)
        {
            var inspected = await _system.Engine.Docker.Containers.InspectContainerAsync(container.Id);
            var published = inspected.NetworkSettings!.Ports!
                .SelectMany(port => (port.Value ?? []).Select(to => $"{to.HostIP} to {port.Key}"));
            Assert.Equal(container == _system.Gateway.Container ? ["127.0.0.1 to 8000/tcp"] : [], published);
        }
    }

    [Fact]
    public async Task Every_container_runs_as_1654_on_files_that_it_cannot_change()
    {
        foreach (var (name, container) in _system.Own)
        {
            Assert.Equal((name, "1654"), (name, (await container.ExecAsync(["id", "-u"])).Stdout.Trim()));
            Assert.NotEqual(0, (await container.ExecAsync(["touch", "/app/x"])).ExitCode);
            Assert.Equal(0, (await container.ExecAsync(["touch", "/tmp/x"])).ExitCode);
        }
    }

    /// <summary>Which of the places, as host/port, accept a connection from the hello container.</summary>
    private async Task<string[]> ReachedAsync(string[] places)
    {
        const string Probe = """
            for place; do timeout 3 bash -c "exec 3<>/dev/tcp/$place" 2>/dev/null && echo "$place" & done; wait
            """;
        var tried = await _system.Hello.ExecAsync(["bash", "-c", Probe, "bash", .. places]);
        return tried.Stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private async Task<string[]> AddressesAsync(IContainer container)
    {
        var inspected = await _system.Engine.Docker.Containers.InspectContainerAsync(container.Id);
        return [.. inspected.NetworkSettings!.Networks!.Values.Select(network => network.IPAddress)];
    }
}
