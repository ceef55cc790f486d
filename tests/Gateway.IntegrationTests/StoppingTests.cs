using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>After the signal to stop requests are still answered, and clients are led away.</summary>
public sealed class StoppingTests(ITestOutputHelper report)
{
    private readonly ConcurrentQueue<string> _lost = new();
    private int _answered;
    private int _repeated;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/public/x", 200)]
    [InlineData("/api/x", 200)]
    [InlineData("/private/x", 401)]
    [InlineData("/nowhere", 404)]
    [InlineData("/kratos/health/alive", 200)]
    [InlineData("/auth/login", 303)]
    public async Task While_it_drains_requests_are_taken_and_answers_say_that_the_connection_closes(string path, int status)
    {
        await using var system = await TestSystem.StartAsync(["--Network:DrainTime=00:05:00"]);
        using var known = await ConnectAsync(system);
        Assert.DoesNotContain("Connection:", await AskAsync(known, path), StringComparison.Ordinal);

        using var patience = new CancellationTokenSource();
        var stopping = system.Gateway.StopAsync(patience.Token);
        using var newcomer = await ConnectAsync(system);
        foreach (var stream in (NetworkStream[])[known, newcomer])
        {
            var answer = await AskAsync(stream, path);
            Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
            Assert.Contains("Connection: close\r\n", answer, StringComparison.Ordinal);
        }
        await patience.CancelAsync();
        await stopping.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    [Fact]
    public async Task An_answer_that_was_under_way_says_so_too()
    {
        await using var slow = await SlowService.StartAsync();
        await using var system = await TestSystem.StartAsync(
            ["--Network:DrainTime=00:05:00"],
            TestSystem.DefaultYaml().Replace("{service}", slow.Url.ToString(), StringComparison.Ordinal));
        using var stream = await ConnectAsync(system);
        var asking = AskAsync(stream, "/public/silent");
        await slow.AskedAsync();

        using var patience = new CancellationTokenSource();
        var stopping = system.Gateway.StopAsync(patience.Token);
        slow.Continue();
        var answer = await asking;
        await patience.CancelAsync();
        await stopping.ContinueWith(_ => { }, TaskScheduler.Default);

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.Contains("Connection: close\r\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Between_two_gateways_no_request_is_lost_when_one_is_told_to_stop()
    {
        await using var system = await TestSystem.StartAsync();
        await using var leaving = await GatewayProcess.StartAsync(system, "--Network:DrainTime=00:00:03");
        await using var staying = await GatewayProcess.StartAsync(system);
        var session = await system.Kratos.SignInNewAsync();
        using var enough = new CancellationTokenSource();
        var isLeaving = false; // what a load balancer knows a second after it
        var load = Enumerable.Range(0, 16).Select(client => Task.Run(() => AskOnAsync(client))).ToArray();

        await TestSystem.UntilAsync(() => Task.FromResult(Volatile.Read(ref _answered) > 500));
        var ended = leaving.TerminateAsync();
        await TestSystem.UntilAsync(async () => !await IsReadyAsync(leaving));
        Volatile.Write(ref isLeaving, true);
        Assert.Equal(0, await ended);
        var answeredByThen = Volatile.Read(ref _answered);
        await TestSystem.UntilAsync(() => Task.FromResult(Volatile.Read(ref _answered) > answeredByThen + 500));
        await enough.CancelAsync();
        await Task.WhenAll(load);

        report.WriteLine($"{_answered} answered, {_repeated} repeated on another connection, {_lost.Count} lost");
        Assert.Empty(_lost);

        async Task AskOnAsync(int client)
        {
            NetworkStream? stream = null;
            for (var i = 0; !enough.IsCancellationRequested; i++)
            {
                var wasIdle = stream is not null;
                var gateway = Volatile.Read(ref isLeaving) || (i + client) % 2 == 0 ? staying : leaving;
                try
                {
                    stream ??= await ConnectAsync(gateway.Url);
                    var answer = await AskAsync(stream, "/private/x", $"Cookie: {session.CookieHeader}\r\n");
                    if (!answer.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal))
                        throw new IOException(answer.Length == 0 ? "closed without an answer" : answer[..20]);
                    Interlocked.Increment(ref _answered);
                    // A third of the connections is kept, the others are not, so that there are idle and new ones.
                    if (i % 3 == 0 && !answer.Contains("Connection: close", StringComparison.Ordinal)) continue;
                }
                catch (Exception e) when (e is IOException or SocketException)
                {
                    if (wasIdle)
                        Interlocked.Increment(ref _repeated);
                    else
                        _lost.Enqueue(e.Message);
                }
                stream?.Dispose();
                stream = null;
            }
            stream?.Dispose();
        }
    }

    private static async Task<bool> IsReadyAsync(GatewayProcess gateway)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(gateway.Management, "/health/ready"), Cancelled);
        return answer.IsSuccessStatusCode;
    }

    private static Task<NetworkStream> ConnectAsync(TestSystem system) => ConnectAsync(system.Url);

    private static async Task<NetworkStream> ConnectAsync(Uri url)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(url.Host, url.Port, Cancelled);
        return new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>One request; the whole answer, by its length or chunks, or what came until the connection was closed.</summary>
    private static async Task<string> AskAsync(NetworkStream stream, string path, string headers = "")
    {
        await stream.WriteAsync(Encoding.Latin1.GetBytes($"GET {path} HTTP/1.1\r\nHost: a.test\r\n{headers}\r\n"), Cancelled);
        var text = new StringBuilder();
        var buffer = new byte[16 * 1024];
        while (!IsWhole(text.ToString()))
        {
            var count = await stream.ReadAsync(buffer, Cancelled);
            if (count == 0) break;
            text.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }
        return text.ToString();
    }

    private static bool IsWhole(string answer)
    {
        if (answer.Split("\r\n\r\n", 2) is not [var head, var body]) return false;
        if (head.Contains("chunked", StringComparison.Ordinal)) return body.EndsWith("0\r\n\r\n", StringComparison.Ordinal);
        var length = head.Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length: ", StringComparison.Ordinal));
        return length is null
            || body.Length >= int.Parse(length["Content-Length: ".Length..], System.Globalization.CultureInfo.InvariantCulture);
    }
}
