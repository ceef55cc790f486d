using System.Security.Cryptography;
using System.Text;
using DotNet.Testcontainers.Builders;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.ContainerTests.Harness;

/// <summary>The product's images, built from their Dockerfiles with the repository as context.</summary>
internal static class Images
{
    private static readonly Dictionary<string, string> s_projects = new()
    {
        ["gateway"] = "Gateway",
        ["hello"] = "HelloService",
        ["world"] = "WorldService",
        ["devkratos"] = "DevKratos",
    };

    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = FindRoot();

    public static string RuntimeImage { get; } = Base("RUNTIME_IMAGE", "mcr.microsoft.com/dotnet/aspnet:10.0");

    public static string SdkImage { get; } = Base("SDK_IMAGE", "mcr.microsoft.com/dotnet/sdk:10.0");

    /// <summary>
    /// compose's, or, where none can be pulled, the one that <c>deploy/checks/base-images.sh</c> makes of Debian's package.
    /// </summary>
    public static string PostgresImage { get; } = Base("POSTGRES_IMAGE", "postgres:17-alpine");

    /// <summary>The project in an image's <c>/app</c>.</summary>
    public static string Project(string name) => s_projects[name];

    /// <summary>The image's name on the engine; every checkout has its own.</summary>
    public static string Named(string name) => $"gateway-tests/{name}:{Checkout()}";

    public static async Task BuildAsync()
    {
        // One first: of steps that several builds make at the same time, the next build finds the last one's only, and so little
        // of what came after the others'.
        await BuildAsync("hello");
        await Task.WhenAll(s_projects.Keys.Except(["hello"]).Select(BuildAsync));
    }

    /// <summary>
    /// The image stays when the tests have ended, for the layers that the next build need not make again. It is removed first,
    /// because Testcontainers takes a build for good whenever the name is there.
    /// </summary>
    private static async Task BuildAsync(string name)
    {
        await using var image = new ImageFromDockerfileBuilder()
            .WithName(Named(name))
            .WithContextDirectory(Root)
            .WithDockerfileDirectory(Root)
            .WithDockerfile($"src/{Project(name)}/Dockerfile")
            .WithBuildArgument("SDK_IMAGE", SdkImage)
            .WithBuildArgument("RUNTIME_IMAGE", RuntimeImage)
            .WithCleanUp(false)
            .WithDeleteIfExists(true)
            .WithLogger(NullLogger.Instance)
            .Build();
        await image.CreateAsync();
    }

    private static string Base(string variable, string image) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } other ? other : image;

    private static string Checkout() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Root)))[..8];

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Gateway.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("Gateway.sln is in no folder above the tests");
        return folder.FullName;
    }
}
