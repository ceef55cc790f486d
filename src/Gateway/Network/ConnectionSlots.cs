using System.Diagnostics.CodeAnalysis;
using Gateway.Telemetry;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Gateway.Network;

/// <summary>
/// At most so many connections of clients at once, so that none takes the files that Kratos and the services need: a process
/// that may open no more hangs or ends. When all places are taken, a newcomer gets that of a client which has let us wait for a
/// second; where everybody is at work, it is refused.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore without a wait handle holds nothing, and outlives the server.")]
internal sealed partial class ConnectionSlots(int most, TimeProvider time, ILogger<ConnectionSlots> log)
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(1);

    /// <summary>How many places are looked at for one newcomer; the next one goes on from there.</summary>
    private const int LongestSearch = 1_000;

    /// <summary>How many may have lost their place and not be closed yet; newcomers wait for them in the backlog.</summary>
    private const int MostClosing = 32;

    private readonly SemaphoreSlim _closing = new(MostClosing);
    private readonly Lock _gate = new();
    private readonly List<ConnectionSlot> _slots = [];
    private readonly LogPause _pause = new(TimeSpan.FromMinutes(1), time);
    private int _next;

    /// <summary>A place for the connection; null: there is none, and it is closed.</summary>
    public async ValueTask<ConnectionSlot?> EnterAsync(ConnectionContext connection, CancellationToken cancellationToken)
    {
        var slot = new ConnectionSlot(connection, time, Leave);
        if (TryTake(slot)) return slot;
        if (_pause.IsOver())
            LogFull(log, most);
        await _closing.WaitAsync(cancellationToken);
        if (TryReplace(slot) is { } idle)
        {
            idle.Abort(new ConnectionAbortedException("Idle, and another client needs its place."));
            return slot;
        }
        _closing.Release();
        if (TryTake(slot)) return slot;
        await connection.DisposeAsync();
        return null;
    }

    /// <summary>Has the answers that are under way say <c>Connection: close</c>; Kestrel writes it.</summary>
    public void AskToLeave()
    {
        ConnectionSlot[] answering;
        lock (_gate)
        {
            answering = [.. _slots.Where(slot => slot.IsAnswering)];
        }
        foreach (var slot in answering)
            slot.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
    }

    private bool TryTake(ConnectionSlot slot)
    {
        lock (_gate)
        {
            if (_slots.Count >= most) return false;
            slot.Place = _slots.Count;
            _slots.Add(slot);
            return true;
        }
    }

    /// <returns>Whose place it has now.</returns>
    private ConnectionSlot? TryReplace(ConnectionSlot slot)
    {
        lock (_gate)
        {
            if (FindIdle() is not { } idle) return null;
            slot.Place = idle.Place;
            idle.Place = -1;
            _slots[slot.Place] = slot;
            return idle;
        }
    }

    private void Leave(ConnectionSlot slot)
    {
        lock (_gate)
        {
            if (slot.Place >= 0)
            {
                var last = _slots[^1];
                _slots[slot.Place] = last;
                last.Place = slot.Place;
                _slots.RemoveAt(_slots.Count - 1);
                slot.Place = -1;
                return;
            }
        }
        _closing.Release();
    }

    private ConnectionSlot? FindIdle()
    {
        for (var looked = 0; looked < Math.Min(LongestSearch, _slots.Count); looked++)
        {
            _next = _next + 1 < _slots.Count ? _next + 1 : 0;
            if (_slots[_next].IsIdle(Idle)) return _slots[_next];
        }
        return null;
    }

    [LoggerMessage(EventIds.ConnectionsFull, LogLevel.Warning,
        "All {Most} connections are taken (Network:MaxConnections): idle ones are closed for newcomers, and where there is none "
        + "newcomers are refused. Said once a minute")]
    private static partial void LogFull(ILogger logger, int most);
}
