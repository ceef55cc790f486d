namespace Gateway.IntegrationTests.Harness;

/// <summary>Two gateways with the same routes, one for HTTP/1.1 and one for HTTP/2.</summary>
public abstract class BothProtocols(string yaml) : IAsyncLifetime
{
    internal TestSystem Http1 { get; private set; } = null!;

    internal TestSystem Http2 { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Http1 = await TestSystem.StartAsync(yaml: yaml);
        Http2 = await TestSystem.StartAsync(["--Kestrel:EndpointDefaults:Protocols=Http2"], yaml);
    }

    public async ValueTask DisposeAsync()
    {
        await Http1.DisposeAsync();
        await Http2.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
