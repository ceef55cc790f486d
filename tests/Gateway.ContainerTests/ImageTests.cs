using System.Text.RegularExpressions;
using Gateway.ContainerTests.Harness;

namespace Gateway.ContainerTests;

/// <summary>What is in the images and what is not; that they run, unprivileged and healthy.</summary>
[Collection(typeof(SharedSystem))]
public sealed partial class ImageTests(RunningSystem system)
{
    private readonly RunningSystem _system = system.Required();

    public static TheoryData<string> Names => ["gateway", "hello", "world", "devkratos"];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_image_holds_its_program_and_nothing_of_development(string name)
    {
        var listed = await _system.Own[name].ExecAsync(["ls", "-1R", "/app"]);
        var files = listed.Stdout.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

        Assert.Contains($"{Images.Project(name)}.dll", files);
        var others = files.Where(file => Path.GetFileNameWithoutExtension(file) != Images.Project(name));
        Assert.DoesNotContain(others, Development().IsMatch);
        Assert.DoesNotContain(files, file => file is ".env" || Path.GetExtension(file) is ".key" or ".pem");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_image_is_small_and_names_a_user_by_number_and_a_health_check(string name)
    {
        var images = _system.Engine.Docker.Images;
        var image = await images.InspectImageAsync(Images.Named(name));
        var runtime = await images.InspectImageAsync(Images.RuntimeImage);

        Assert.InRange(image.Size - runtime.Size, 1, 20_000_000);
        Assert.Matches("^[1-9][0-9]*$", image.Config!.User);
        Assert.Contains("dotnet", image.Config.Healthcheck!.Test!);
    }

    [Fact]
    public async Task Every_container_becomes_healthy_by_its_images_own_check()
    {
        foreach (var container in _system.Own.Values)
        {
            await Until.TrueAsync(async () =>
            {
                var inspected = await _system.Engine.Docker.Containers.InspectContainerAsync(container.Id);
                return inspected.State!.Health!.Status == "healthy";
            });
        }
    }

    [Theory]
    [InlineData("compose/gateway", "http://127.0.0.1:8001")]
    [InlineData("k8s/base/config", "http://+:8001")]
    public async Task The_gateway_accepts_the_configuration_of_a_deployment(string folder, string management)
    {
        var validated = await _system.Gateway.RunAsync(
            "env", $"Management__Url={management}",
            "dotnet", "Gateway.dll", "validate", "--config", $"/deploy/{folder}/gateway.yaml");

        Assert.True(validated.ExitCode == 0, validated.Stdout + validated.Stderr);
        Assert.Contains("good", validated.Stdout, StringComparison.Ordinal);
    }

    [GeneratedRegex(
        @"^(DevKratos|Quickstart|.*\.?(UnitTests|IntegrationTests|BrowserTests|ContainerTests|ContractTests|Benchmarks)|xunit.*|"
            + @"Microsoft\.(TestPlatform|VisualStudio|Playwright).*|Testcontainers.*|CsCheck|BenchmarkDotNet.*)\.(dll|exe|pdb)$",
        RegexOptions.IgnoreCase)]
    private static partial Regex Development();
}
