using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Network;

/// <summary>
/// A client's connection, which knows since when nothing is left but to wait for the client. While a request of HTTP/1.1
/// without a body is under way nobody reads, so nobody waits; what reads meanwhile is counted (<see cref="ConnectionUse"/>).
/// </summary>
internal sealed class ConnectionSlot : ConnectionContext, IDuplexPipe
{
    private readonly ConnectionContext _inner;
    private readonly TimeProvider _time;
    private readonly Action<ConnectionSlot> _leave;
    private long _waitingSince;
    private int _underWay;

    public ConnectionSlot(ConnectionContext inner, TimeProvider time, Action<ConnectionSlot> leave)
    {
        _inner = inner;
        _time = time;
        _leave = leave;
        Input = new WatchedReader(inner.Transport.Input, this);
        Transport = this;
        _waitingSince = time.GetTimestamp();
        Features.Set(this);
    }

    /// <summary>Its place among the connections; negative: it has none any more.</summary>
    public int Place { get; set; } = -1;

    /// <summary>Whether a request of HTTP/1.1 without a body is under way.</summary>
    public bool IsAnswering => Volatile.Read(ref _waitingSince) == 0 && Volatile.Read(ref _underWay) == 0;

    public PipeReader Input { get; }

    public PipeWriter Output => _inner.Transport.Output;

    /// <summary>TLS puts its own around it.</summary>
    public override IDuplexPipe Transport { get; set; }

    public override string ConnectionId
    {
        get => _inner.ConnectionId;
        set => _inner.ConnectionId = value;
    }

    public override IFeatureCollection Features => _inner.Features;

    public override IDictionary<object, object?> Items
    {
        get => _inner.Items;
        set => _inner.Items = value;
    }

    public override EndPoint? LocalEndPoint
    {
        get => _inner.LocalEndPoint;
        set => _inner.LocalEndPoint = value;
    }

    public override EndPoint? RemoteEndPoint
    {
        get => _inner.RemoteEndPoint;
        set => _inner.RemoteEndPoint = value;
    }

    public override CancellationToken ConnectionClosed
    {
        get => _inner.ConnectionClosed;
        set => _inner.ConnectionClosed = value;
    }

    /// <summary>A request that reads from the client has begun.</summary>
    public void Begin() => Interlocked.Increment(ref _underWay);

    public void End() => Interlocked.Decrement(ref _underWay);

    /// <summary>Whether the client has let everybody wait for so long.</summary>
    public bool IsIdle(TimeSpan span)
    {
        var since = Volatile.Read(ref _waitingSince);
        return since != 0 && Volatile.Read(ref _underWay) == 0 && _time.GetElapsedTime(since) >= span;
    }

    public override void Abort() => _inner.Abort();

    public override void Abort(ConnectionAbortedException abortReason) => _inner.Abort(abortReason);

    public override async ValueTask DisposeAsync()
    {
        await _inner.DisposeAsync();
        await base.DisposeAsync();
        _leave(this);
    }

    private void Wait() => Volatile.Write(ref _waitingSince, _time.GetTimestamp());

    private void Go() => Volatile.Write(ref _waitingSince, 0);

    private sealed class WatchedReader(PipeReader inner, ConnectionSlot slot) : PipeReader
    {
        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            var reading = inner.ReadAsync(cancellationToken);
            if (!reading.IsCompleted)
                slot.Wait();
            return reading;
        }

        public override bool TryRead(out ReadResult result) => inner.TryRead(out result);

        public override void AdvanceTo(SequencePosition consumed)
        {
            slot.Go();
            inner.AdvanceTo(consumed);
        }

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
            slot.Go();
            inner.AdvanceTo(consumed, examined);
        }

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);
    }
}
