namespace Gateway.Traffic.Streams;

/// <summary>What a stream is decides how it is ended.</summary>
internal enum StreamKind
{
    WebSocket,

    /// <summary><c>text/event-stream</c>.</summary>
    EventStream,

    /// <summary><c>application/grpc</c>, <c>application/grpc-web</c> and their kinds.</summary>
    Grpc,

    /// <summary>What is half a message when it is cut: lines of JSON, pictures one after another.</summary>
    Other,
}

internal static class StreamKinds
{
    public const string EventStream = "text/event-stream";
    private const string Grpc = "application/grpc";

    /// <summary>Media types whose answers have no end of their own.</summary>
    private static readonly string[] Others =
    [
        "application/x-ndjson", "application/ndjson", "application/jsonl", "application/json-seq", "application/stream+json",
        "multipart/x-mixed-replace",
    ];

    /// <summary>Null: an answer of this <c>Content-Type</c> is no stream.</summary>
    public static StreamKind? Of(string? contentType)
    {
        if (contentType is null) return null;
        if (Is(contentType, EventStream)) return StreamKind.EventStream;
        if (contentType.StartsWith(Grpc, StringComparison.OrdinalIgnoreCase)) return StreamKind.Grpc;
        return Array.Exists(Others, other => Is(contentType, other)) ? StreamKind.Other : null;
    }

    /// <summary>The kind as metrics show it.</summary>
    public static string Name(this StreamKind kind) => kind switch
    {
        StreamKind.WebSocket => "websocket",
        StreamKind.EventStream => "event_stream",
        StreamKind.Grpc => "grpc",
        _ => "other",
    };

    /// <summary>Parameters behind the type do not count.</summary>
    private static bool Is(string contentType, string type) =>
        contentType.StartsWith(type, StringComparison.OrdinalIgnoreCase)
        && contentType.AsSpan(type.Length).TrimStart(" \t") is [] or [';', ..];
}
