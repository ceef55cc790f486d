using System.Buffers.Binary;
using System.Net;
using Gateway.Network;

namespace Gateway.Kratos;

/// <summary>For whom Kratos is called.</summary>
/// <param name="Client">Whose request it is.</param>
/// <param name="IsKnown">The credential was good before, or is one that Kratos handed out through here.</param>
/// <param name="IsLikely">Of an unknown one: it looks like those that were good.</param>
internal readonly record struct CallOrigin(IPAddress? Client, bool IsKnown, bool IsLikely = false);

/// <summary>
/// At most <c>Kratos:MaxConcurrentCalls</c> calls at once; others wait. Known credentials go first, and an eighth of all calls is
/// theirs alone. Of the rest, likely ones before others, each client's address has its turn, one after the other, so that a
/// flood of invented credentials from a few holds up nobody else; when too many wait, the longest line loses its oldest. The
/// framework's <c>ConcurrencyLimiter</c> and Polly's have one line for everybody.
/// </summary>
internal sealed class CallQueue
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _known = new();
    private readonly Dictionary<LineKey, Line> _lines = [];
    private readonly Queue<Line> _likelyTurns = new();
    private readonly Queue<Line> _turns = new();
    private readonly TimeProvider _time;
    private readonly TimeSpan _patience;
    private readonly int _limit;
    private readonly int _strangersLimit;
    private readonly int _mostStrangersWaiting;
    private readonly int _mostKnownWaiting;
    private int _running;
    private int _strangersRunning;
    private int _strangersWaiting;

    public CallQueue(KratosOptions options, TimeProvider time)
    {
        _time = time;
        _patience = options.Timeout / 2; // the rest is for the call
        _limit = options.MaxConcurrentCalls;
        _strangersLimit = _limit - Math.Max(1, _limit / 8);
        _mostStrangersWaiting = _limit * 4;
        _mostKnownWaiting = _limit * 16;
    }

    /// <summary>How many wait now.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
                return _known.Count + _strangersWaiting;
        }
    }

    /// <summary>
    /// True: Kratos may be called, and <see cref="Leave"/> follows. False: too many wait, or it took too long.
    /// </summary>
    public ValueTask<bool> EnterAsync(in CallOrigin origin)
    {
        lock (_gate)
        {
            if (origin.IsKnown)
            {
                if (_running < _limit && _known.Count == 0)
                    return new(Begin(isKnown: true));
                if (_known.Count >= _mostKnownWaiting)
                    return new(false);
                return new(WaitAsync(new Waiter(_known.AddLast, line: null)));
            }
            if (_running < _limit && _strangersRunning < _strangersLimit && _known.Count == 0 && _strangersWaiting == 0)
                return new(Begin(isKnown: false));
            var key = new LineKey(KeyOf(origin.Client), origin.IsLikely);
            if (_strangersWaiting >= _mostStrangersWaiting && !MakeRoomFor(key))
                return new(false);
            var line = LineOf(key);
            _strangersWaiting++;
            return new(WaitAsync(new Waiter(line.Waiters.AddLast, line)));
        }
    }

    /// <summary>A call that was let in is over.</summary>
    public void Leave(in CallOrigin origin)
    {
        lock (_gate)
        {
            _running--;
            if (!origin.IsKnown)
                _strangersRunning--;
            while (_running < _limit && Next() is { } waiter)
            {
                Begin(isKnown: waiter.Line is null);
                waiter.Answer(true);
            }
        }
    }

    private async Task<bool> WaitAsync(Waiter waiter)
    {
        try
        {
            return await waiter.Task.WaitAsync(_patience, _time);
        }
        catch (TimeoutException)
        {
            lock (_gate)
                GiveUp(waiter);
            return await waiter.Task; // its turn may have come meanwhile
        }
    }

    private bool Begin(bool isKnown)
    {
        _running++;
        if (!isKnown)
            _strangersRunning++;
        return true;
    }

    private Waiter? Next()
    {
        if (_known.First is { } known)
        {
            _known.RemoveFirst();
            return known.Value;
        }
        return _strangersRunning < _strangersLimit ? NextOf(_likelyTurns) ?? NextOf(_turns) : null;
    }

    private Waiter? NextOf(Queue<Line> turns)
    {
        while (turns.TryDequeue(out var line))
        {
            var first = line.Waiters.First?.Value; // null: all of it gave up
            if (first is not null)
                Remove(first);
            if (line.Waiters.Count > 0)
                turns.Enqueue(line);
            else
                _lines.Remove(line.Key);
            if (first is not null) return first;
        }
        return null;
    }

    private Line LineOf(LineKey key)
    {
        if (_lines.TryGetValue(key, out var line)) return line;
        line = new(key);
        _lines.Add(key, line);
        (key.IsLikely ? _likelyTurns : _turns).Enqueue(line);
        return line;
    }

    /// <summary>
    /// Whether another line is so much longer, or so much less likely, that its oldest goes, who would wait in vain soonest.
    /// </summary>
    private bool MakeRoomFor(LineKey key)
    {
        if (key.IsLikely && Longest(isLikely: false) is { } unlikely)
            return GiveUpFirst(unlikely);
        var mine = _lines.TryGetValue(key, out var line) ? line.Waiters.Count : 0;
        return Longest(key.IsLikely) is { } longest && longest.Waiters.Count > mine + 1 && GiveUpFirst(longest);
    }

    private bool GiveUpFirst(Line line)
    {
        GiveUp(line.Waiters.First!.Value);
        return true;
    }

    private Line? Longest(bool isLikely)
    {
        Line? longest = null;
        foreach (var line in _lines.Values)
        {
            if (line.Key.IsLikely == isLikely && line.Waiters.Count > (longest?.Waiters.Count ?? 0))
                longest = line;
        }
        return longest;
    }

    private void GiveUp(Waiter waiter)
    {
        if (waiter.Task.IsCompleted) return;
        Remove(waiter);
        waiter.Answer(false);
    }

    private void Remove(Waiter waiter)
    {
        if (waiter.Line is { } line)
        {
            line.Waiters.Remove(waiter.Place);
            _strangersWaiting--;
        }
        else
        {
            _known.Remove(waiter.Place);
        }
    }

    private static ulong KeyOf(IPAddress? client)
    {
        var network = ClientAddress.NetworkOf(client, stackalloc byte[16]);
        return network.Length switch
        {
            0 => 0,
            sizeof(uint) => BinaryPrimitives.ReadUInt32BigEndian(network),
            _ => BinaryPrimitives.ReadUInt64BigEndian(network),
        };
    }

    private readonly record struct LineKey(ulong Client, bool IsLikely);

    /// <summary>Those of one address, in the order they came.</summary>
    private sealed record Line(LineKey Key)
    {
        public LinkedList<Waiter> Waiters { get; } = new();
    }

    private sealed class Waiter
    {
        private readonly TaskCompletionSource<bool> _turn = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <param name="line">Null: the line of the known.</param>
        public Waiter(Func<Waiter, LinkedListNode<Waiter>> queue, Line? line) => (Line, Place) = (line, queue(this));

        public Line? Line { get; }

        public LinkedListNode<Waiter> Place { get; }

        public Task<bool> Task => _turn.Task;

        public void Answer(bool mayCall) => _turn.SetResult(mayCall);
    }
}
