using Gateway.Traffic.Streams;

namespace Gateway.UnitTests.Traffic.Streams;

public sealed class StreamKindTests
{
    [Theory]
    [InlineData("text/event-stream", nameof(StreamKind.EventStream))]
    [InlineData("Text/Event-Stream; charset=utf-8", nameof(StreamKind.EventStream))]
    [InlineData("text/event-stream ;charset=utf-8", nameof(StreamKind.EventStream))]
    [InlineData("application/grpc", nameof(StreamKind.Grpc))]
    [InlineData("application/grpc+proto", nameof(StreamKind.Grpc))]
    [InlineData("application/grpc-web-text", nameof(StreamKind.Grpc))]
    [InlineData("application/x-ndjson", nameof(StreamKind.Other))]
    [InlineData("multipart/x-mixed-replace; boundary=b", nameof(StreamKind.Other))]
    [InlineData("text/event-streams", null)]
    [InlineData("application/json", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Of_ContentType_IsItsKind(string? contentType, string? kind) =>
        Assert.Equal(kind, StreamKinds.Of(contentType)?.ToString());
}
