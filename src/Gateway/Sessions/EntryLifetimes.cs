using Gateway.Sessions.Cache;

namespace Gateway.Sessions;

/// <summary>The times of a cached verdict, in UTC ticks.</summary>
/// <param name="RefreshAt">From here on the next request has it refreshed in the background.</param>
/// <param name="FreshUntil">Until here it answers without Kratos.</param>
/// <param name="StaleUntil">Until here it answers while Kratos gives no verdict.</param>
internal readonly record struct EntryLifetime(long RefreshAt, long FreshUntil, long StaleUntil);

/// <summary>
/// How long verdicts are cached, and what an entry may still be used for. Looks at nothing but what it is given.
/// </summary>
internal sealed class EntryLifetimes(SessionCacheOptions options)
{
    /// <summary>A session is refreshed after this part of its fresh time, so that a steady user never waits.</summary>
    private const double RefreshAfter = 0.75;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>Longer, because all of a burst ask again, and none of them is in a hurry.</summary>
    private static readonly TimeSpan RetryDelayInBurst = TimeSpan.FromSeconds(5);

    /// <summary>The longest that a session serves which Kratos has refused.</summary>
    private static readonly TimeSpan LongestInDoubt = TimeSpan.FromMinutes(1);

    /// <summary>Of a session, which is never used past its end.</summary>
    /// <param name="cacheFor">Kratos' <c>Ory-Session-Cache-For</c>: the longest it may be fresh; null: not said.</param>
    public EntryLifetime OfSession(DateTimeOffset expiresAt, TimeSpan? cacheFor, DateTimeOffset now)
    {
        var left = expiresAt - now;
        var fresh = Least(options.CacheDuration, left, cacheFor ?? TimeSpan.MaxValue);
        var stale = Least(fresh + options.StaleIfError, left);
        return new((now + fresh * RefreshAfter).UtcTicks, (now + fresh).UtcTicks, (now + stale).UtcTicks);
    }

    /// <summary>Of a definite "no such session", which is neither refreshed nor served stale.</summary>
    public EntryLifetime OfRefusal(DateTimeOffset now)
    {
        var until = (now + options.NegativeCacheDuration).UtcTicks;
        return new(until, until, until);
    }

    /// <summary>Whether an entry that has not ended answers without Kratos.</summary>
    /// <param name="isTrusted">Whether <see cref="CacheTrust"/> covers it.</param>
    /// <param name="canRefuse">Whether Kratos is in a state to know, as far as is known: else a refusal counts for nothing.
    /// </param>
    public static bool IsUsable(SessionEntry entry, long now, bool isTrusted, bool? canRefuse)
    {
        if (now >= entry.FreshUntil || !isTrusted) return now < entry.AskAgainAt;
        return entry.Verdict.Outcome is SessionOutcome.Active || canRefuse is not false;
    }

    /// <summary>
    /// Until when a session answers while Kratos gives no verdict, and where Kratos' refusals may be trouble of its own, for no
    /// longer than is documented as the bound of a revocation made elsewhere.
    /// </summary>
    /// <param name="areRefusalsDoubtful">Whether Kratos may have refused it, had it been asked.</param>
    public long ServesUntil(SessionEntry entry, bool areRefusalsDoubtful) =>
        entry.Doubt is Doubt.None && !areRefusalsDoubtful
            ? entry.StaleUntil
            : Math.Min(entry.StaleUntil, entry.FreshUntil + Least(options.StaleIfError, LongestInDoubt).Ticks);

    /// <summary>Whether it is time to refresh an entry that is usable.</summary>
    public static bool IsDueForRefresh(SessionEntry entry, long now) => now >= entry.RefreshAt;

    /// <summary>
    /// Until when an entry serves without another call, Kratos having given no verdict at <paramref name="now"/>.
    /// </summary>
    public static long AskAgainAt(SessionEntry entry, DateTimeOffset now) =>
        (now + (entry.Doubt is Doubt.Burst ? RetryDelayInBurst : RetryDelay)).UtcTicks;

    private static TimeSpan Least(params ReadOnlySpan<TimeSpan> spans)
    {
        var least = spans[0];
        foreach (var span in spans)
        {
            if (span < least)
                least = span;
        }
        return least < TimeSpan.Zero ? TimeSpan.Zero : least;
    }
}
