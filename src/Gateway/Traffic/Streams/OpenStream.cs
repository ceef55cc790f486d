using Gateway.Decisions;
using Gateway.Sessions.Credentials;
using Gateway.Sessions.Revocations;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Traffic.Streams;

/// <summary>
/// A request whose answer goes on: who opened it, and what ends it. Whoever copies it heeds <see cref="Ended"/>. It counts as
/// open until the request is over.
/// </summary>
internal sealed class OpenStream(StreamKind kind, HttpContext context, OpenStreams all) : IDisposable
{
    private const int NotEnded = -1;

    private readonly CancellationTokenSource _ended = new();
    private readonly Lock _gate = new();
    private int _end = NotEnded;
    private bool _isOver;

    public StreamKind Kind { get; } = kind;

    public string RequestId { get; } = context.TraceIdentifier;

    public string Route { get; } = context.GetReverseProxyFeature().Route.Config.RouteId;

    /// <summary>Null: it was opened by nobody in particular.</summary>
    public Caller? Caller { get; } = Caller.Of(context);

    /// <summary>
    /// The session's, from where the request has it still: a copy would be half of what a stream takes. Null: there is none, or
    /// the request is over.
    /// </summary>
    public SessionCredential? Credential
    {
        get
        {
            lock (_gate)
                return _isOver ? null : all.CredentialOf(context);
        }
    }

    /// <summary>What revokes it, besides <see cref="Revocation.Everything"/>.</summary>
    public IReadOnlyList<Revocation> RevokedBy { get; } = RevocationsOf(Caller.Of(context), all.CredentialOf(context));

    /// <summary>When its session ends, in UTC ticks; later than the caller said once Kratos has extended it.</summary>
    public long ExpiresAt { get; set; } = Caller.Of(context)?.ExpiresAt.UtcTicks ?? long.MaxValue;

    /// <summary>The timestamp at which Kratos was asked whether the session was extended; null: not yet.</summary>
    public long? ExtensionAskedAt { get; set; }

    /// <summary>Timestamps of the <see cref="TimeProvider"/>: when it was opened, and when a side last said something.</summary>
    public long OpenedAt { get; init; }

    public long ActiveAt { get; private set; }

    /// <summary>Whether its answer has begun; of all but gRPC it has.</summary>
    public bool IsAnswered { get; set; }

    /// <summary>How long both sides may be silent; null: not ours to say, or the answer has not begun.</summary>
    public TimeSpan? IdleTimeout { get; set; }

    /// <summary>The timestamp at which an ended stream that is still there is aborted.</summary>
    public long AbortAt { get; set; } = long.MaxValue;

    /// <summary>Why it was ended; null: it was not.</summary>
    public StreamEnd? End
    {
        get
        {
            var end = Volatile.Read(ref _end);
            return end == NotEnded ? null : (StreamEnd)end;
        }
    }

    public bool IsEnding => Volatile.Read(ref _end) != NotEnded;

    /// <summary>Cancelled when it is to end, or when the forwarder gives it up.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Has a reader stop when the forwarder does, without a source of cancellation for both.</summary>
    public CancellationTokenRegistration StopWith(CancellationToken forwarder) =>
        forwarder.UnsafeRegister(static own => ((OpenStream)own!)._ended.Cancel(), this);

    /// <summary>A side has said something.</summary>
    public void Touch() => ActiveAt = all.Now;

    /// <summary>Has it ended; false: it was already, or is over.</summary>
    public bool TryEnd(StreamEnd end)
    {
        if (Interlocked.CompareExchange(ref _end, (int)end, NotEnded) != NotEnded) return false;
        lock (_gate)
        {
            if (_isOver) return false;
            _ = _ended.CancelAsync(); // whoever revokes does not wait for what that sets going
        }
        return true;
    }

    /// <summary>Ends it without a farewell: HTTP/2 resets the stream, HTTP/1.1 the connection.</summary>
    public void Abort()
    {
        const int Cancel = 8; // RFC 9113 section 7
        lock (_gate)
        {
            if (_isOver) return; // the context is another request's by now
            if (context.Features.Get<IHttpResetFeature>() is { } stream)
                stream.Reset(Cancel);
            context.Abort();
        }
    }

    /// <summary>The request is over.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isOver) return;
            _isOver = true;
        }
        all.Remove(this);
    }

    private static Revocation[] RevocationsOf(Caller? caller, SessionCredential? credential)
    {
        if (caller is null) return [];
        var identity = Revocation.Identity(caller.Subject);
        if (caller.Session is not { } session) return [identity];
        return credential is { } known
            ? [identity, Revocation.Session(session.Id), Revocation.Credential(known.Key())]
            : [identity, Revocation.Session(session.Id)];
    }
}
