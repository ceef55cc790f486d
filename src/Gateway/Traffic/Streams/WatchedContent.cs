using System.Net;

namespace Gateway.Traffic.Streams;

/// <summary>A service's answer that ends when its stream is ended: what was said until then is a whole answer.</summary>
internal sealed class WatchedContent(HttpContent inner, OpenStream stream) : HttpContent
{
    protected override async Task<Stream> CreateContentReadStreamAsync() => Watch(await inner.ReadAsStreamAsync());

    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) =>
        Watch(await inner.ReadAsStreamAsync(cancellationToken));

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new NotSupportedException();

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    private Body Watch(Stream body) => new(body, stream);

    private sealed class Body(Stream inner, OpenStream stream) : ForwardingStream(inner)
    {
        private CancellationTokenRegistration _forwarder;
        private bool _isRead;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (stream.IsEnding) return 0;
            if (!_isRead)
                _forwarder = stream.StopWith(cancellationToken);
            _isRead = true;
            try
            {
                var read = await Inner.ReadAsync(buffer, stream.Ended);
                if (read > 0)
                    stream.Touch();
                return stream.IsEnding ? 0 : read;
            }
            catch (OperationCanceledException) when (stream.IsEnding && !cancellationToken.IsCancellationRequested)
            {
                return 0;
            }
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _forwarder.Dispose();
            base.Dispose(disposing);
        }
    }
}
