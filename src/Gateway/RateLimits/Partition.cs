using System.Threading.RateLimiting;

namespace Gateway.RateLimits;

/// <summary>
/// One caller's, address' … counter. It can be retired only while nobody is in it and nothing of it is taken, so that no permit
/// is given out twice.
/// </summary>
internal sealed class Partition(RateLimiter limiter)
{
    private const int Retired = int.MinValue;

    /// <summary>How many are acquiring now.</summary>
    private int _users;

    public RateLimiter Limiter => limiter;

    /// <summary>False: it is retired; the key has another one, or gets it.</summary>
    public bool TryEnter()
    {
        var users = Volatile.Read(ref _users);
        while (users >= 0)
        {
            var seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users) return true;
            users = seen;
        }
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _users);

    public bool TryRetire()
    {
        if (!IsIdle() || Interlocked.CompareExchange(ref _users, Retired, 0) != 0) return false;
        if (IsIdle()) return true;
        Volatile.Write(ref _users, 0);
        return false;
    }

    private bool IsIdle()
    {
        Replenish();
        return limiter.IdleDuration is not null;
    }

    /// <summary>The framework's token bucket adds what the time since has brought.</summary>
    public void Replenish() => (limiter as ReplenishingRateLimiter)?.TryReplenish();
}
