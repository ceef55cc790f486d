namespace Gateway.Kratos;

/// <summary>
/// A question to Kratos that is answered yes or no: one call under way at a time, an answer serves for
/// <paramref name="lifetime"/> unless whoever asks wants a fresh one, and calls begin at least <paramref name="pause"/> apart. No
/// answer in time is a no.
/// </summary>
internal sealed class KratosProbe(
    Func<CancellationToken, Task<bool>> ask, TimeSpan lifetime, TimeSpan pause, TimeSpan timeout, TimeProvider time)
{
    private readonly Lock _gate = new();
    private Task<bool>? _pending;
    private bool? _answer;
    private long? _askedAt;

    /// <summary>The last answer, or null while there was none or it was forgotten.</summary>
    public bool? LastKnown => _answer;

    /// <summary>Forgets the last answer, if it was this one.</summary>
    public void Forget(bool answer)
    {
        lock (_gate)
        {
            if (_answer == answer)
                _answer = null;
        }
    }

    /// <param name="fresh">Accept no answer to a question that was put before now.</param>
    public async Task<bool> AskAsync(bool fresh, CancellationToken cancellationToken)
    {
        var arrival = time.GetTimestamp();
        while (true)
        {
            Task<bool> call;
            lock (_gate)
            {
                var serves = fresh ? _askedAt >= arrival : _askedAt is { } asked && time.GetElapsedTime(asked) < lifetime;
                if (serves && _answer is { } known) return known;
                call = _pending ??= CallAsync();
            }
            var answer = await call.WaitAsync(cancellationToken);
            if (!fresh) return answer;
        }
    }

    private async Task<bool> CallAsync()
    {
        var last = _askedAt;
        await Task.Yield(); // the caller holds the lock
        var (asked, answer) = (time.GetTimestamp(), false);
        try
        {
            if (last is { } before && pause - time.GetElapsedTime(before) is { Ticks: > 0 } wait)
                await Task.Delay(wait, time);
            asked = time.GetTimestamp();
            using var limit = new CancellationTokenSource(timeout, time);
            return answer = await ask(limit.Token);
        }
        finally
        {
            lock (_gate)
                (_askedAt, _answer, _pending) = (asked, answer, null);
        }
    }
}
