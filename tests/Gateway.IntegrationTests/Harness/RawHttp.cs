using System.Net.Sockets;
using System.Text;

namespace Gateway.IntegrationTests.Harness;

/// <summary>What came back on a raw HTTP/1.1 connection until the gateway closed it.</summary>
internal sealed record RawAnswer(string Text)
{
    /// <summary>The status of every answer on the connection, in order.</summary>
    public IReadOnlyList<int> Statuses { get; } =
        [.. Text.Split("HTTP/1.1 ")
            .Skip(1)
            .Select(answer => int.Parse(answer.AsSpan(0, 3), System.Globalization.CultureInfo.InvariantCulture))];

    /// <summary>The first answer's status; 0 when the connection was closed without one.</summary>
    public int Status => Statuses.Count == 0 ? 0 : Statuses[0];

    public string Body => Text.Split("\r\n\r\n", 2) is [_, { } body] ? body : "";
}

/// <summary>Sends bytes as given, which no HTTP client would. Text is Latin-1, so <c>\u00e9</c> is one byte.</summary>
internal static class RawHttp
{
    /// <summary>
    /// Sends the text and reads until the gateway closes: the text asks for that with <c>Connection: close</c>, or is malformed.
    /// </summary>
    public static async Task<RawAnswer> SendAsync(Uri url, string text)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync(url.Host, url.Port, limit.Token);
        var stream = tcp.GetStream();
        var received = new MemoryStream();
        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(text), limit.Token);
            await stream.CopyToAsync(received, limit.Token);
        }
        catch (IOException)
        {
            // A reset is a way of closing, too.
        }
        return new(Encoding.Latin1.GetString(received.ToArray()));
    }

    /// <summary>Sends the text and reads only the first answer's head, behind which another protocol may begin.</summary>
    public static async Task<RawAnswer> HeadAsync(Uri url, string text)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync(url.Host, url.Port, limit.Token);
        var stream = tcp.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(text), limit.Token);
        var head = new StringBuilder();
        var next = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(next, limit.Token) == 0) break;
            head.Append((char)next[0]);
        }
        return new(head.ToString());
    }

    /// <summary>One request with this target, headers as given, and no body.</summary>
    public static Task<RawAnswer> RequestAsync(Uri url, string target, string method = "GET", params string[] headers) =>
        SendAsync(
            url,
            $"{method} {target} HTTP/1.1\r\nHost: {url.Authority}\r\nConnection: close\r\n"
                + $"{string.Concat(headers.Select(h => h + "\r\n"))}\r\n");
}
