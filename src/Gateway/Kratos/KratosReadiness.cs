namespace Gateway.Kratos;

/// <summary>
/// Whether Kratos' database is up. Kratos answers 401 to every credential while it is down (ory/kratos#3250), so a 401
/// counts as a verdict only while <c>/health/ready</c> is good. One call at a time. An answer serves for two seconds, unless
/// whoever asks wants a fresh one or Kratos has shown trouble since: then Kratos is asked again at once.
/// </summary>
internal sealed class KratosReadiness(KratosClient kratos, PublicApiCheck publicApi, KratosOptions options, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private Task<bool>? _pending;
    private bool? _ready;
    private long _askedAt;

    /// <summary>The last answer, or null while Kratos was never asked or has shown trouble since.</summary>
    public bool? LastKnown => _ready;

    /// <summary>Forgets a good answer: Kratos has just failed to give a verdict.</summary>
    public void Doubt()
    {
        lock (_gate)
        {
            if (_ready is true)
                _ready = null;
        }
        publicApi.Doubt();
    }

    /// <summary>Whether Kratos is ready.</summary>
    /// <param name="fresh">Do not accept an answer asked for before now: a session that was good a moment ago was
    /// refused.</param>
    public async Task<bool> IsReadyAsync(bool fresh, CancellationToken cancellationToken)
    {
        var arrival = time.GetTimestamp();
        while (true)
        {
            Task<bool> call;
            lock (_gate)
            {
                var serves = fresh ? _askedAt >= arrival : time.GetElapsedTime(_askedAt) < Lifetime;
                if (serves && _ready is { } known) return known;
                call = _pending ??= AskAsync();
            }
            var ready = await call.WaitAsync(cancellationToken);
            if (!fresh) return ready;
        }
    }

    private async Task<bool> AskAsync()
    {
        var asked = time.GetTimestamp();
        await Task.Yield(); // the caller holds the lock
        var ready = false;
        try
        {
            using var limit = new CancellationTokenSource(options.Timeout, time);
            return ready = await kratos.IsReadyAsync(limit.Token);
        }
        finally
        {
            if (!ready)
                publicApi.Doubt();
            lock (_gate)
                (_askedAt, _ready, _pending) = (asked, ready, null);
        }
    }
}
