using System.Text;
using System.Text.Json;

namespace Bench.Upstream;

/// <summary>
/// The service behind every proxy of the benchmark. Only the last segment of the path counts, so that one process answers
/// whatever prefix a proxy's route has: <c>json</c> (small), <c>10k</c>, <c>upload</c> (reads the body to its end), <c>echo</c>
/// (the headers that arrived).
/// </summary>
public static class Program
{
    private static readonly byte[] Small = """{"message":"Hello microservice"}"""u8.ToArray();
    private static readonly byte[] TenKilobytes = Listing(10_000);

    public static Task Main(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Run(AnswerAsync);
        return app.RunAsync();
    }

    private static Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value.AsSpan();
        var response = context.Response;
        switch (path[(path.LastIndexOf('/') + 1)..])
        {
            case "json":
                // No Content-Length: as minimal APIs answer, the body leaves in one chunk.
                response.ContentType = "application/json; charset=utf-8";
                return response.Body.WriteAsync(Small, context.RequestAborted).AsTask();
            case "10k":
                response.ContentType = "application/json; charset=utf-8";
                response.ContentLength = TenKilobytes.Length;
                return response.Body.WriteAsync(TenKilobytes, context.RequestAborted).AsTask();
            case "upload":
                return SwallowAsync(context);
            case "echo":
                return EchoAsync(context);
            default:
                response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
        }
    }

    private static async Task SwallowAsync(HttpContext context)
    {
        long length = 0;
        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(context.RequestAborted);
            length += read.Buffer.Length;
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                break;
        }

        context.Response.ContentType = "application/json; charset=utf-8";
        await context.Response.WriteAsync($$"""{"received":{{length}}}""", context.RequestAborted);
    }

    private static async Task EchoAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartObject();
        foreach (var header in context.Request.Headers)
            json.WriteString(header.Key, header.Value.ToString());
        json.WriteEndObject();
        await json.FlushAsync(context.RequestAborted);
    }

    private static byte[] Listing(int size)
    {
        var json = new StringBuilder("[");
        for (var i = 0; json.Length < size - 120; i++)
        {
            if (i > 0)
                json.Append(',');
            json.Append(
                null,
                $$"""{"id":{{i}},"name":"item {{i}}","price":{{i * 7 % 100}}.50,"tags":["a","b"],"available":true}""");
        }

        json.Append(']').Append(' ', size - json.Length);
        return Encoding.UTF8.GetBytes(json.ToString());
    }
}
