using Gateway.ContainerTests.Harness;

namespace Gateway.ContainerTests;

/// <summary>The main flow with Ory Kratos itself, where its images are on the engine or can be pulled.</summary>
public sealed class RealKratosTests(Engine engine)
{
    [Fact]
    public async Task Programs_and_browsers_sign_in_and_out_at_Kratos_itself()
    {
        var missing = await engine.MissingAsync(RealKratos.KratosImage, RealKratos.PagesImage);
        Assert.SkipWhen(missing is not null, missing ?? "");
        await using var system = await RealKratos.StartAsync(engine);

        await MainFlow.ProgramAsync(system.Gateway);
        await MainFlow.BrowserAsync(system.Gateway);
    }
}
