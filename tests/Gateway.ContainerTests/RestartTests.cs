using System.Net;
using System.Net.Http.Json;
using Gateway.ContainerTests.Harness;

namespace Gateway.ContainerTests;

/// <summary>Parts that stop, and come back.</summary>
[Collection(typeof(SharedSystem))]
public sealed class RestartTests(RunningSystem system)
{
    private readonly RunningSystem _system = system.Required();

    [Fact]
    public async Task A_stopped_service_is_missing_alone_and_comes_back()
    {
        using var program = await SignedInAsync(_system.Gateway);

        await _system.Hello.StopAsync();
        try
        {
            Assert.InRange((int)await program.StatusAsync("/hello"), 502, 504);
            Assert.Equal(HttpStatusCode.OK, await program.StatusAsync("/world"));
        }
        finally
        {
            await _system.Hello.StartAsync();
        }

        await Until.TrueAsync(async () => await program.StatusAsync("/hello") == HttpStatusCode.OK);
    }

    [Fact]
    public async Task After_a_restart_of_the_gateway_a_session_still_counts()
    {
        await using var gateway = await _system.StartGatewayAsync(GatewayContainer.Configuration);
        using var before = await SignedInAsync(gateway);
        Assert.Equal(HttpStatusCode.OK, await before.StatusAsync("/hello"));

        await gateway.Container.StopAsync();
        await gateway.Container.StartAsync();

        using var after = before.At(gateway);
        Assert.Equal(HttpStatusCode.OK, await after.StatusAsync("/hello"));
    }

    [Fact]
    public async Task A_request_that_is_under_way_when_SIGTERM_comes_is_answered_and_the_gateway_ends_with_0()
    {
        await using var gateway = await _system.StartGatewayAsync(GatewayContainer.Configuration);
        using var program = Visitor.Program(gateway);
        await program.RegisterAsync();
        using var body = JsonContent.Create(new { method = "password", identifier = program.Email, password = Visitor.Password });
        using var slow = new SlowContent(body);
        using var login = new HttpRequestMessage(HttpMethod.Post, await program.FlowAsync("login")) { Content = slow };
        login.Headers.ExpectContinue = true;
        login.Headers.TryAddWithoutValidation("Accept", "application/json");

        var answer = program.SendAsync(login);
        // The server has asked for the body: it is at work.
        await slow.Begun;
        var stopped = gateway.Container.StopAsync();
        await Until.TrueAsync(async () =>
            (await gateway.Container.GetLogsAsync()).Stdout.Contains("Application is shutting down", StringComparison.Ordinal));
        slow.Finish();

        Assert.Equal(HttpStatusCode.OK, (await answer).Status);
        await stopped;
        Assert.Equal(0, await gateway.Container.GetExitCodeAsync());
    }

    private static async Task<Visitor> SignedInAsync(GatewayContainer gateway)
    {
        var program = Visitor.Program(gateway);
        await program.RegisterAsync();
        await program.LogInAsync();
        return program;
    }

    /// <summary>A body whose second half comes when it is told to.</summary>
    private sealed class SlowContent : HttpContent
    {
        private readonly HttpContent _whole;
        private readonly TaskCompletionSource _begun = new();
        private readonly TaskCompletionSource _rest = new();

        public SlowContent(HttpContent whole)
        {
            _whole = whole;
            Headers.ContentType = whole.Headers.ContentType;
        }

        public Task Begun => _begun.Task;

        public void Finish() => _rest.SetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var bytes = await _whole.ReadAsByteArrayAsync();
            await stream.WriteAsync(bytes.AsMemory(0, bytes.Length / 2));
            await stream.FlushAsync();
            _begun.SetResult();
            await _rest.Task;
            await stream.WriteAsync(bytes.AsMemory(bytes.Length / 2));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
