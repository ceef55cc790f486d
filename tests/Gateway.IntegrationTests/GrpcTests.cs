using Gateway.IntegrationTests.Harness;
using Gateway.IntegrationTests.Harness.Grpc;
using Grpc.Core;
using Grpc.Net.Client;

namespace Gateway.IntegrationTests;

/// <summary>gRPC through the gateway, over HTTP/2 on both sides. The routes differ by the metadata <c>rule</c>.</summary>
public sealed class GrpcTests : IAsyncLifetime
{
    private const string Yaml = """
        AccessRules:
          second-factor: { Session: Required, Require: [ { AssuranceLevel: aal2 } ] }
        ReverseProxy:
          Routes:
            echo: { ClusterId: echo, AuthorizationPolicy: signed-in, Match: { Path: "/gateway.tests.Echo/{**method}" } }
            strict:
              ClusterId: echo
              AuthorizationPolicy: second-factor
              Match: { Path: "/gateway.tests.Echo/{**method}", Headers: [ { Name: rule, Values: [ strict ] } ] }
            dead:
              ClusterId: dead
              AuthorizationPolicy: anonymous
              Match: { Path: "/gateway.tests.Echo/{**method}", Headers: [ { Name: rule, Values: [ dead ] } ] }
          Clusters:
            echo:
              HttpRequest: { Version: "2", VersionPolicy: RequestVersionExact }
              Destinations: { a: { Address: "{grpc}" } }
            dead:
              HttpRequest: { Version: "2", VersionPolicy: RequestVersionExact }
              Destinations: { a: { Address: "http://127.0.0.1:1" } }
        """;

    private GrpcEchoService _service = null!;
    private TestSystem _system = null!;
    private GrpcChannel _channel = null!;
    private string _userId = null!;

    /// <summary>A signed-in caller's metadata, and an identity header that is not the caller's to set.</summary>
    private Metadata _signedIn = null!;

    private Echo.EchoClient Client => new(_channel);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _service = await GrpcEchoService.StartAsync();
        _system = await TestSystem.StartAsync(
            ["--Kestrel:EndpointDefaults:Protocols=Http2"],
            Yaml.Replace("{grpc}", _service.Url.ToString(), StringComparison.Ordinal));
        _channel = GrpcChannel.ForAddress(_system.Url);
        var session = await _system.Kratos.SignInNewAsync();
        _userId = session.IdentityId.ToString();
        _signedIn = new() { { "cookie", session.CookieHeader }, { "x-user-id", "forged" } };
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _system.DisposeAsync();
        await _service.DisposeAsync();
    }

    [Fact]
    public async Task A_call_is_answered_and_the_service_learns_who_calls()
    {
        using var call = Client.UnaryAsync(new() { Text = "hello" }, _signedIn, cancellationToken: Token);
        var answer = await call;

        Assert.Equal(("hello", _userId), (answer.Text, answer.UserId));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
        Assert.Equal(GrpcEchoService.Trailer, call.GetTrailers().GetValueBytes("x-echo-bin"));
    }

    [Theory]
    [InlineData(StatusCode.NotFound)]
    [InlineData(StatusCode.Aborted)]
    [InlineData(StatusCode.DataLoss)]
    public async Task The_status_that_a_service_fails_with_comes_through_with_its_trailers(StatusCode code)
    {
        var refused = await Assert.ThrowsAsync<RpcException>(() =>
            Client.UnaryAsync(new() { Fail = (int)code }, _signedIn, cancellationToken: Token).ResponseAsync);

        Assert.Equal((code, "äs asked"), (refused.StatusCode, refused.Status.Detail));
        Assert.Equal(GrpcEchoService.Trailer, refused.Trailers.GetValueBytes("x-echo-bin"));
    }

    [Fact]
    public async Task A_stream_of_answers_comes_through_and_may_end_in_a_failure()
    {
        using var call = Client.ServerStream(
            new() { Text = "a b c", Fail = (int)StatusCode.OutOfRange },
            _signedIn,
            cancellationToken: Token);
        var words = new List<string>();
        var failed = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await foreach (var answer in call.ResponseStream.ReadAllAsync(Token))
                words.Add(answer.Text);
        });

        Assert.Equal(["a", "b", "c"], words);
        Assert.Equal(StatusCode.OutOfRange, failed.StatusCode);
        Assert.Equal(GrpcEchoService.Trailer, call.GetTrailers().GetValueBytes("x-echo-bin"));
    }

    [Fact]
    public async Task A_stream_of_questions_comes_through()
    {
        using var call = Client.ClientStream(_signedIn, cancellationToken: Token);
        foreach (var word in (string[])["a", "b", "c"])
            await call.RequestStream.WriteAsync(new() { Text = word }, Token);
        await call.RequestStream.CompleteAsync();
        var answer = await call;

        Assert.Equal(("a b c", _userId), (answer.Text, answer.UserId));
    }

    [Fact]
    public async Task Both_sides_speak_in_turn_and_nothing_is_held_back()
    {
        using var call = Client.Duplex(_signedIn, cancellationToken: Token);
        foreach (var word in (string[])["a", "b", "c"])
        {
            await call.RequestStream.WriteAsync(new() { Text = word }, Token);
            Assert.True(await call.ResponseStream.MoveNext(Token));
            Assert.Equal((word, _userId), (call.ResponseStream.Current.Text, call.ResponseStream.Current.UserId));
        }
        await call.RequestStream.CompleteAsync();

        Assert.False(await call.ResponseStream.MoveNext(Token));
        Assert.Equal(GrpcEchoService.Trailer, call.GetTrailers().GetValueBytes("x-echo-bin"));
    }

    [Fact]
    public async Task A_deadline_reaches_the_service_and_ends_its_work()
    {
        var deadline = TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(5);
        var late = await Assert.ThrowsAsync<RpcException>(() =>
            Client.UnaryAsync(new() { Hang = true }, _signedIn, deadline, Token).ResponseAsync);

        Assert.Equal(StatusCode.DeadlineExceeded, late.StatusCode);
        Assert.Equal(deadline, await _service.Deadline.WaitAsync(TimeSpan.FromSeconds(20), Token), TimeSpan.FromSeconds(10));
        await _service.Cancelled.WaitAsync(TimeSpan.FromSeconds(20), Token);
    }

    [Fact]
    public async Task A_call_that_its_client_gives_up_is_cancelled_at_the_service()
    {
        using var call = Client.UnaryAsync(new() { Hang = true }, _signedIn, cancellationToken: Token);
        await _service.Deadline.WaitAsync(TimeSpan.FromSeconds(20), Token);
        call.Dispose();

        await _service.Cancelled.WaitAsync(TimeSpan.FromSeconds(20), Token);
    }

    [Fact]
    public Task Who_is_not_signed_in_is_unauthenticated() => IsRefusedAsync([], StatusCode.Unauthenticated);

    [Fact]
    public Task Who_may_not_is_denied_permission() =>
        IsRefusedAsync([.. _signedIn, new("rule", "strict")], StatusCode.PermissionDenied);

    [Fact]
    public Task A_service_that_is_down_is_unavailable() => IsRefusedAsync([new("rule", "dead")], StatusCode.Unavailable);

    /// <summary>The gateway's answers are HTTP's; gRPC clients read a code of theirs from the status.</summary>
    private async Task IsRefusedAsync(IEnumerable<Metadata.Entry> entries, StatusCode expected)
    {
        var metadata = new Metadata();
        foreach (var entry in entries)
            metadata.Add(entry);
        var unary = await Assert.ThrowsAsync<RpcException>(() =>
            Client.UnaryAsync(new() { Text = "x" }, metadata, cancellationToken: Token).ResponseAsync);
        using var duplex = Client.Duplex(metadata, cancellationToken: Token);
        var stream = await Assert.ThrowsAsync<RpcException>(() => duplex.ResponseStream.MoveNext(Token));

        Assert.Equal((expected, expected), (unary.StatusCode, stream.StatusCode));
    }
}
