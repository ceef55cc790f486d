using Gateway.Hosting;

namespace Gateway.IntegrationTests.Harness;

/// <summary>What a start says of a configuration.</summary>
internal static class Mistakes
{
    /// <summary>One of the mistakes names its place and its cure.</summary>
    public static async Task AssertNamedAsync(string yaml, string place, string cure, params string[] args) =>
        Assert.Contains(
            await OfAsync(yaml, args),
            m => m.Contains(place, StringComparison.Ordinal) && m.Contains(cure, StringComparison.Ordinal));

    /// <summary>Each mistake as a line; none: it is good.</summary>
    public static async Task<IReadOnlyList<string>> OfAsync(string yaml, params string[] args)
    {
        var folder = Directory.CreateTempSubdirectory("gateway-config-").FullName;
        try
        {
            var file = Path.Combine(folder, "gateway.yaml");
            await File.WriteAllTextAsync(file, yaml);
            try
            {
                GatewayApp.Check([.. args], file);
                return [];
            }
            catch (ConfigurationException e)
            {
                return [.. e.Errors.Select(x => x.ToString())];
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
