using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Gateway.Sessions;

/// <summary>
/// At most one call under way per key. Whoever asks for the same meanwhile waits for its answer; who comes after it starts a
/// new one.
/// </summary>
/// <param name="onFault">The waiters' answer when a call has thrown.</param>
/// <param name="report">Hears what it has thrown.</param>
internal sealed class SingleFlight<TKey, TAnswer>(TAnswer onFault, Action<Exception> report, TimeProvider time)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, Call> _calls = new();

    /// <summary>The call under way for this key, or a new one.</summary>
    /// <param name="state">What <paramref name="ask"/> is called with, so that it needs no closure.</param>
    public Call Join<TState>(TKey key, TState state, Func<TState, Task<TAnswer>> ask)
    {
        if (_calls.TryGetValue(key, out var call)) return call;
        var mine = new Call(time.GetTimestamp());
        call = _calls.GetOrAdd(key, mine);
        if (!ReferenceEquals(call, mine)) return call;
        _ = RunAsync(key, mine, state, ask);
        return mine;
    }

    [SuppressMessage("Design", "CA1031", Justification = "Every waiter must be answered.")]
    private async Task RunAsync<TState>(TKey key, Call call, TState state, Func<TState, Task<TAnswer>> ask)
    {
        var answer = onFault;
        try
        {
            answer = await ask(state);
        }
        catch (Exception e)
        {
            report(e);
        }
        finally
        {
            _calls.TryRemove(KeyValuePair.Create(key, call));
            call.Complete(answer);
        }
    }

    /// <summary>A call under way. It never faults and never ends early: whoever gives up waiting stops nobody else.</summary>
    internal sealed class Call(long startedAt)
    {
        private readonly TaskCompletionSource<TAnswer> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _taken;

        /// <summary>A timestamp of the <see cref="TimeProvider"/>: the answer is no older than this.</summary>
        public long StartedAt { get; } = startedAt;

        public Task<TAnswer> WaitAsync(CancellationToken cancellationToken) => _answer.Task.WaitAsync(cancellationToken);

        /// <summary>True for exactly one of those who wait: the one that gets what only one may have.</summary>
        public bool TryTake() => Interlocked.Exchange(ref _taken, 1) == 0;

        internal void Complete(TAnswer answer) => _answer.SetResult(answer);
    }
}
