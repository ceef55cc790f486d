using Gateway.Decisions;
using Gateway.Sessions;
using Gateway.Sessions.Credentials;
using Gateway.Sessions.Revocations;

namespace Gateway.Traffic.Streams;

/// <summary>
/// Ends streams with their sessions and at their time. A revocation ends those of its session, identity or credential at once,
/// whoever made it. All the rest is looked for twice a second, by one timer and while streams are open only.
/// </summary>
internal sealed class OpenStreams : IDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>How long the farewell may take.</summary>
    private static readonly TimeSpan AbortAfter = TimeSpan.FromSeconds(1);

    /// <summary>So long before its session's end Kratos is asked whether it was extended.</summary>
    private static readonly TimeSpan AskBefore = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan AskFor = TimeSpan.FromSeconds(1);

    /// <summary>How many sessions Kratos is asked for at once, when all streams are looked at.</summary>
    private const int AskedAtOnce = 16;

    private readonly StreamTable _streams = new();
    private readonly StreamOptions _options;
    private readonly SessionResolver _sessions;
    private readonly CredentialReader _credentials;
    private readonly StreamMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly ITimer _look;
    private volatile bool _stopped;

    public OpenStreams(
        StreamOptions options,
        SessionResolver sessions,
        CredentialReader credentials,
        StreamMetrics metrics,
        TimeProvider time)
    {
        (_options, _sessions, _credentials, _metrics, _time) = (options, sessions, credentials, metrics, time);
        _look = time.CreateTimer(
            static streams => ((OpenStreams)streams!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The timestamp of now.</summary>
    public long Now => _time.GetTimestamp();

    /// <summary>The answer to this request goes on, and is watched from now until the request is over.</summary>
    public OpenStream Open(HttpContext context, StreamKind kind)
    {
        var stream = new OpenStream(kind, context, this) { OpenedAt = Now };
        stream.Touch();
        context.Response.RegisterForDispose(stream);
        _metrics.Opened(kind);
        lock (_gate)
        {
            if (_streams.Add(stream))
                _look.Change(LookEvery, LookEvery);
        }
        if (_stopped)
            End(stream, StreamEnd.Shutdown);
        else
            _ = ConfirmAsync(stream); // its session may have ended while the service was thinking
        return stream;
    }

    /// <summary>
    /// How long this request's answer may be silent; null: its cluster says so itself, and the forwarder heeds it.
    /// </summary>
    public TimeSpan? IdleTimeoutOf(HttpContext context) =>
        context.GetReverseProxyFeature().Route.Cluster?.Model.Config.HttpRequest?.ActivityTimeout is null
            ? _options.IdleTimeout
            : null;

    /// <summary>The credential of the session behind a request; null: there is none.</summary>
    public SessionCredential? CredentialOf(HttpContext context) =>
        Caller.Of(context) is { Session: not null } ? _credentials.Read(context.Request.Headers) : null;

    public void Remove(OpenStream stream)
    {
        lock (_gate)
        {
            if (!_streams.Remove(stream)) return;
            if (_streams.Count == 0)
                _look.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
        _metrics.Closed(stream.Kind);
    }

    /// <summary>Ends what was revoked, here or by another replica.</summary>
    public void Revoke(Revocation revocation)
    {
        foreach (var stream in _streams.Of(revocation))
            End(stream, StreamEnd.SessionEnded);
    }

    /// <summary>Revocations may have been missed: asks again for every session that a stream is open for.</summary>
    public void ConfirmAll() =>
        _ = Parallel.ForEachAsync(
            _streams.All(),
            new ParallelOptions { MaxDegreeOfParallelism = AskedAtOnce },
            async (stream, _) => await ConfirmAsync(stream));

    /// <summary>The gateway stops: what is open may go on for a while.</summary>
    public async Task StopAsync()
    {
        await Task.Delay(_options.CloseGrace, _time);
        _stopped = true;
        foreach (var stream in _streams.All())
            End(stream, StreamEnd.Shutdown);
    }

    public void Dispose() => _look.Dispose();

    private void End(OpenStream stream, StreamEnd end)
    {
        if (!stream.TryEnd(end)) return;
        stream.AbortAt = Now + _time.TimestampFrequency * AbortAfter.Ticks / TimeSpan.TicksPerSecond;
        _metrics.Ended(stream, end);
    }

    private void Look()
    {
        var (now, utc) = (Now, _time.GetUtcNow().UtcTicks);
        foreach (var stream in _streams.Where(one => IsDue(one, now, utc)))
        {
            if (stream.IsEnding)
                stream.Abort();
            else if (DueEnd(stream, now, utc) is { } end)
                End(stream, end);
            else
                _ = AskForExtensionAsync(stream);
        }
    }

    private bool IsDue(OpenStream stream, long now, long utc)
    {
        if (stream.IsEnding) return now >= stream.AbortAt;
        return IsDueForExtension(stream, utc) || DueEnd(stream, now, utc) is not null;
    }

    private static bool IsDueForExtension(OpenStream stream, long utc) =>
        stream.ExtensionAskedAt is null && stream.ExpiresAt - utc < AskBefore.Ticks;

    private StreamEnd? DueEnd(OpenStream stream, long now, long utc)
    {
        // Where the clock has jumped, Kratos still has that long to answer.
        if (utc >= stream.ExpiresAt && stream.ExtensionAskedAt is { } asked && _time.GetElapsedTime(asked, now) >= AskFor)
            return StreamEnd.SessionExpired;
        if (_time.GetElapsedTime(stream.OpenedAt, now) >= _options.MaxAge) return StreamEnd.MaxAge;
        return stream.IdleTimeout is { } idle && _time.GetElapsedTime(stream.ActiveAt, now) >= idle ? StreamEnd.Idle : null;
    }

    /// <summary>Ends the stream unless its session is known to go on.</summary>
    private async Task ConfirmAsync(OpenStream stream)
    {
        if (stream.Credential is not { } credential) return;
        var verdict = await _sessions.ConfirmAsync(credential, _time.GetUtcNow());
        if (verdict.Outcome is SessionOutcome.NoVerdict)
            End(stream, StreamEnd.SessionUnconfirmed);
        else if (!Extend(stream, verdict))
            End(stream, StreamEnd.SessionEnded);
    }

    /// <summary>A session that ends soon may have been extended, here or elsewhere. If not, the stream ends with it.</summary>
    private async Task AskForExtensionAsync(OpenStream stream)
    {
        stream.ExtensionAskedAt = Now;
        if (stream.Credential is not { } credential) return;
        var verdict = await _sessions.ConfirmAsync(credential, new(stream.ExpiresAt, TimeSpan.Zero));
        Extend(stream, verdict);
    }

    /// <summary>Returns whether the verdict is of the stream's own session.</summary>
    private static bool Extend(OpenStream stream, SessionVerdict verdict)
    {
        if (verdict.Caller is not { Session: { } session } caller || session.Id != stream.Caller!.Session!.Id) return false;
        if (caller.ExpiresAt.UtcTicks > stream.ExpiresAt)
        {
            stream.ExpiresAt = caller.ExpiresAt.UtcTicks;
            stream.ExtensionAskedAt = null;
        }
        return true;
    }
}
