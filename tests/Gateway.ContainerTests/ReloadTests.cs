using System.Diagnostics;
using System.Net;
using Gateway.ContainerTests.Harness;

namespace Gateway.ContainerTests;

/// <summary>The configuration as Kubernetes mounts it.</summary>
[Collection(typeof(SharedSystem))]
public sealed class ReloadTests(RunningSystem system) : IDisposable
{
    private readonly RunningSystem _system = system.Required();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("configmap-");

    [Fact]
    public async Task A_changed_ConfigMap_links_and_all_takes_effect_in_the_running_gateway()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Kubernetes mounts ConfigMaps on Linux.");
        var yaml = await File.ReadAllTextAsync(Path.Combine(GatewayContainer.Configuration, "gateway.yaml"));
        // The container's user is another one.
        if (OperatingSystem.IsLinux())
            _folder.UnixFileMode |= UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        await SwapAsync("..1", yaml);
        File.CreateSymbolicLink(Path.Combine(_folder.FullName, "gateway.yaml"), "..data/gateway.yaml");
        await using var gateway = await _system.StartGatewayAsync(_folder.FullName);
        using var program = Visitor.Program(gateway);
        await program.RegisterAsync();
        await program.LogInAsync();
        Assert.Equal(HttpStatusCode.OK, await program.StatusAsync("/hello"));
        Assert.Equal(HttpStatusCode.NotFound, await program.StatusAsync("/greeting"));

        const string Greeting = """
              Routes:
                greeting:
                  ClusterId: hello
                  AuthorizationPolicy: signed-in
                  Match: { Path: "/greeting" }
                  Transforms: [{ PathSet: "/hello" }]
            """;
        await SwapAsync("..2", yaml.Replace("  Routes:", Greeting, StringComparison.Ordinal));

        await Until.TrueAsync(async () => await program.StatusAsync("/greeting") == HttpStatusCode.OK);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>The layout that the kubelet makes, and its way of changing it: one link is swapped.</summary>
    private async Task SwapAsync(string version, string yaml)
    {
        var folder = _folder.CreateSubdirectory(version);
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "gateway.yaml"), yaml);
        var next = Path.Combine(_folder.FullName, "..data_tmp");
        Directory.CreateSymbolicLink(next, version);
        using var rename = Process.Start("mv", ["-T", next, Path.Combine(_folder.FullName, "..data")]);
        await rename.WaitForExitAsync();
    }
}
