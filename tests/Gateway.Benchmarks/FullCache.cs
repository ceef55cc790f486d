using System.Globalization;
using Gateway.Decisions;
using Gateway.Sessions;
using Gateway.Sessions.Cache;
using Gateway.Sessions.Credentials;

namespace Gateway.Benchmarks;

/// <summary>
/// The processor time, which a busy machine changes less than the time on the clock, that the session cache itself takes when it
/// is full: for a hit, and for newcomers, to whom others have to give way.
/// </summary>
internal static class FullCache
{
    private const int HitsPerSession = 20;

    public static void Run(int sessions)
    {
        var time = TimeProvider.System;
        using var cache = new SessionCache(new() { MaxEntries = sessions }, time);
        var entries = Entries(sessions, 0);
        Array.ForEach(entries, entry => cache.Set(entry));
        Random.Shared.Shuffle(entries);
        var now = time.GetUtcNow().UtcTicks;

        var best = double.MaxValue;
        for (var i = 0; i < HitsPerSession; i++)
        {
            var started = Environment.CpuUsage.TotalTime;
            foreach (var entry in entries)
            {
                if (!cache.TryGet(entry.Key, now, out _))
                {
                    throw new InvalidOperationException("A cached session was not found.");
                }
            }
            best = Math.Min(best, (Environment.CpuUsage.TotalTime - started).TotalNanoseconds / sessions);
        }

        var (longest, sum) = (TimeSpan.Zero, TimeSpan.Zero);
        foreach (var newcomer in Entries(sessions, sessions))
        {
            var started = Environment.CpuUsage.TotalTime;
            cache.Set(newcomer);
            var took = Environment.CpuUsage.TotalTime - started;
            sum += took;
            longest = took > longest ? took : longest;
        }
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{best:0} ns a hit, {sum.TotalMicroseconds / sessions:0.0} µs a newcomer to the full cache, "
                + $"the longest {longest.TotalMilliseconds:0.0} ms"));
    }

    private static SessionEntry[] Entries(int count, int from)
    {
        var entries = new SessionEntry[count];
        for (var i = 0; i < count; i++)
        {
            var key = new SessionCredential(CredentialKind.SessionToken, $"{from + i}").Key();
            var caller = new Caller($"i{from + i}", "kratos", DateTimeOffset.MaxValue)
            {
                Session = new($"s{from + i}", "", AssuranceLevel.Aal1, DateTimeOffset.MinValue, [], new(default)),
            };
            entries[i] = new(key, new(SessionOutcome.Active, caller), 0, 0, 0, long.MaxValue);
        }
        return entries;
    }
}
