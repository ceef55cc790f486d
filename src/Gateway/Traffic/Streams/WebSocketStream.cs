using System.Buffers;

namespace Gateway.Traffic.Streams;

/// <summary>
/// The client's side of a WebSocket. What is read goes to the service, what is written comes from it. When the stream is ended,
/// both sides get the frame that has begun, a Close frame and nothing more; then the client's own Close is waited for, because a
/// connection that is closed with bytes unread can take back what was sent (RFC 6455 section 7.1.1).
/// </summary>
internal sealed class WebSocketStream : ForwardingStream
{
    /// <summary>Less than the time after which an ended stream is aborted: the farewell is then on its way.</summary>
    private static readonly TimeSpan LongestFarewell = TimeSpan.FromMilliseconds(800);

    private readonly OpenStream _stream;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly CancellationTokenRegistration _onEnd;
    private CancellationTokenRegistration _forwarder;
    private bool _isRead;
    private FrameBorders _fromClient;
    private FrameBorders _toClient;
    private bool _isClosedToService;
    private bool _isClosedToClient;

    /// <summary>Whether a Close frame of the client has gone to the service.</summary>
    private bool _hasServiceHeard;

    public WebSocketStream(Stream client, OpenStream stream)
        : base(client)
    {
        _stream = stream;
        _onEnd = stream.Ended.UnsafeRegister(static own => _ = ((WebSocketStream)own!).EndAsync(), this);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_stream.IsEnding)
        {
            if (!_isRead)
                _forwarder = _stream.StopWith(cancellationToken);
            _isRead = true;
            try
            {
                var read = await Inner.ReadAsync(buffer, _stream.Ended);
                _fromClient.Advance(buffer.Span[..read]);
                _hasServiceHeard = _fromClient.HasClosed;
                if (read > 0)
                    _stream.Touch();
                return read;
            }
            catch (OperationCanceledException) when (_stream.IsEnding && !cancellationToken.IsCancellationRequested)
            {
                // goes on below
            }
        }
        return await ReadLastAsync(buffer, cancellationToken);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            if (_isClosedToClient) return;
            _stream.Touch();
            var length = buffer.Length;
            if (_stream.IsEnding)
                length = _toClient.IsAtBorder ? 0 : _toClient.ToBorder(buffer.Span);
            else
                _toClient.Advance(buffer.Span);
            await Inner.WriteAsync(buffer[..length], cancellationToken);
            if (_stream.IsEnding)
                await CloseToClientAsync(cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _onEnd.Dispose();
            _forwarder.Dispose();
        }
        base.Dispose(disposing);
    }

    private async Task EndAsync()
    {
        if (!_stream.IsEnding) return;
        await _writing.WaitAsync();
        try
        {
            await CloseToClientAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // the client has gone
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>In a frame that has begun it waits for the rest, which the writer brings.</summary>
    private async ValueTask CloseToClientAsync(CancellationToken cancellationToken)
    {
        if (_isClosedToClient || !_toClient.IsAtBorder) return;
        _isClosedToClient = true;
        if (!_toClient.HasClosed)
            await Inner.WriteAsync(CloseFrame.Of(_stream.End!.Value), cancellationToken);
    }

    /// <summary>The rest of the client's frame, then a Close frame, then the end.</summary>
    private async ValueTask<int> ReadLastAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (!_isClosedToService && !_fromClient.IsAtBorder)
        {
            var read = await Inner.ReadAsync(buffer, cancellationToken);
            var length = _fromClient.ToBorder(buffer.Span[..read]);
            _hasServiceHeard = _fromClient.HasClosed;
            // What follows is not the service's any more; of it only the client's Close is looked for.
            _fromClient.Advance(buffer.Span[length..read]);
            return length;
        }
        if (buffer.IsEmpty) return 0;
        if (!_isClosedToService)
        {
            _isClosedToService = true;
            if (!_hasServiceHeard) return CloseFrame.WriteMasked(_stream.End!.Value, buffer.Span);
        }
        await AwaitCloseAsync();
        return 0;
    }

    /// <summary>Also while the proxy thinks that all is over, because the service has closed: it waits for this.</summary>
    private async ValueTask AwaitCloseAsync()
    {
        using var limit = new CancellationTokenSource(LongestFarewell);
        var buffer = ArrayPool<byte>.Shared.Rent(4096);
        try
        {
            while (!_fromClient.HasClosed)
            {
                var read = await Inner.ReadAsync(buffer, limit.Token);
                if (read == 0) return;
                _fromClient.Advance(buffer.AsSpan(0, read));
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // gone, or too slow
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
