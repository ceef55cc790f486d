using CsCheck;
using Gateway.Decisions;
using Gateway.Sessions;
using Gateway.Sessions.Cache;
using Gateway.Sessions.Credentials;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.UnitTests.Sessions.Cache;

/// <summary>
/// The cache beside a plain list: whatever is set, removed, revoked or ended, and by however many at once, both know the same.
/// </summary>
public sealed partial class SessionCachePropertyTests
{
    private const int Threads = 4;
    private const int Credentials = 12;
    private const int Sessions = 5;
    private const int Identities = 3;
    private const int Limit = 20;

    /// <summary>What the cache keeps of one session.</summary>
    private const int MostOfSession = 4;

    private static readonly CredentialKey[] Keys =
        [.. Enumerable.Range(0, Threads * Credentials).Select(i => Entries.Key($"{i}"))];

    private static readonly Gen<Step> InTurns = Steps(
        Operation.Set, Operation.Set, Operation.Set, Operation.Refuse, Operation.Remove, Operation.RemoveSession,
        Operation.RemoveIdentity, Operation.Advance, Operation.SetBack, Operation.SetRevoked);

    private static readonly Gen<Step> AtOnce = Steps(
        Operation.Set, Operation.Set, Operation.Refuse, Operation.Remove, Operation.RemoveSession, Operation.RemoveIdentity);

    private int _steps;

    private enum Operation
    {
        Set,
        Refuse,
        Remove,
        RemoveSession,
        RemoveIdentity,
        Advance,

        /// <summary>The clock, as an operator or NTP does.</summary>
        SetBack,

        /// <summary>A revocation comes before the verdict that it concerns.</summary>
        SetRevoked,
    }

    [Fact]
    public void AnySteps_InTurns_AgreeWithTheModel()
    {
        Gen.Const(() => (NewSubject(), new Model())).SampleModelBased(
            InTurns.Array[10].Operation<Subject, Model>(
                (subject, steps) => subject.See(steps),
                (model, steps) => model.See(steps)),
            equal: (subject, model) => subject.Seen.SequenceEqual(Count(model.Seen)),
            iter: 100);
        Report(atLeast: 40_000);
    }

    /// <summary>Whatever several do at once leaves what they would have left one after the other in some order.</summary>
    [Fact]
    public void AnySteps_AtOnce_LeaveWhatSomeOrderOfThemLeaves()
    {
        Gen.Const(() => NewSubject()).SampleParallel(
            AtOnce.Operation<Subject>(step => $"{step}", (subject, step) => Count(subject).Do(step)),
            equal: (one, other) => one.State() == other.State(),
            iter: 500);
        Report(atLeast: 5_000);
    }

    /// <summary>
    /// In a cache that is always full, each thread has credentials, sessions and identities of its own: what it finds is what it
    /// set last or, once evicted, nothing, and what it revoked is gone when the call returns. In the end the indexes list exactly
    /// who is in the cache.
    /// </summary>
    [Fact]
    public void AnySteps_AtOnceInAFullCache_AreNobodyElsesAndLeakNothing()
    {
        InTurns.Array[125].Array[Threads].Sample(
            steps =>
            {
                var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
                using var cache = new SessionCache(new() { MaxEntries = Limit }, time);
                Parallel.For(0, Threads, new() { MaxDegreeOfParallelism = Threads }, thread =>
                {
                    var mine = new OneOfMany(cache, time, thread);
                    foreach (var step in steps[thread])
                    {
                        Count(mine).Do(step);
                    }
                });
                AssertIndexesAgree(cache, time);
            },
            iter: 100,
            threads: 1);
        Report(atLeast: 50_000);
    }

    private static Subject NewSubject()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        return new(new SessionCache(new(), time), time);
    }

    private static Gen<Step> Steps(params Operation[] operations) =>
        from operation in Gen.Int[0, operations.Length - 1].Select(i => operations[i])
        from credential in Gen.Int[0, Credentials - 1]
        from session in Gen.Int[-MostOfSession, Sessions - 1].Select(i => Math.Max(i, 0)) // one has more entries than it may
        from identity in Gen.Int[0, Identities - 1]
        from seconds in Gen.Int[0, 90]
        select new Step(operation, credential, $"s{session}", $"i{identity}", seconds);

    private static void AssertIndexesAgree(SessionCache cache, FakeTimeProvider time)
    {
        Assert.InRange(cache.Count, 0, Limit);
        var refused = cache.RefusedCount;
        var found = Keys.Count(key => cache.TryGet(key, DateTimeOffset.UnixEpoch.UtcTicks, out _));
        Assert.Equal(cache.Count + refused, found);

        var bySession = OfAll("s", Sessions).Take(Sessions * Threads / 2).Sum(id => cache.RemoveSession(id));
        var byIdentity = OfAll("i", Identities).Sum(id => cache.RemoveIdentity(id));
        Assert.Equal((found - refused, 0), (bySession + byIdentity, cache.Count));
        Assert.Equal(0, OfAll("s", Sessions).Sum(id => cache.RemoveSession(id)));

        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(0, cache.RefusedCount);
    }

    private static IEnumerable<string> OfAll(string prefix, int each) =>
        Enumerable.Range(0, Threads).SelectMany(thread => Enumerable.Range(0, each).Select(i => $"{prefix}{i}.{thread}"));

    private static SessionEntry Entry(in CredentialKey key, Step step, long now)
    {
        var verdict = step.Operation is Operation.Refuse ? SessionVerdict.Invalid : Entries.Verdict(step.Session, step.Identity);
        return new(key, verdict, now, 0, 0, now + step.Duration.Ticks);
    }

    private T Count<T>(T what)
    {
        Interlocked.Add(ref _steps, what is List<string> seen ? seen.Count : 1);
        return what;
    }

    private void Report(int atLeast)
    {
        TestContext.Current.TestOutputHelper!.WriteLine($"{_steps} operations");
        Assert.InRange(_steps, atLeast, int.MaxValue);
    }

    private sealed record Step(Operation Operation, int Credential, string Session, string Identity, int Seconds)
    {
        public TimeSpan Duration => TimeSpan.FromSeconds(Seconds);
    }

    /// <summary>The cache, and what could be seen of it after each step.</summary>
    private sealed class Subject(SessionCache cache, FakeTimeProvider time)
    {
        public List<string> Seen { get; } = [];

        public void See(Step[] steps) => Seen.AddRange(steps.Select(step => $"{Do(step)} {State()}"));

        public int Do(Step step)
        {
            switch (step.Operation)
            {
                case Operation.Set or Operation.Refuse:
                    cache.Set(Entry(Keys[step.Credential], step, time.GetUtcNow().UtcTicks));
                    return 0;
                case Operation.Remove:
                    cache.Remove(Keys[step.Credential]);
                    return 0;
                case Operation.SetRevoked:
                    return cache.Set(Entry(Keys[step.Credential], step, time.GetUtcNow().UtcTicks), () => true) ? 1 : 0;
                case Operation.Advance:
                    time.Advance(step.Duration);
                    return 0;
                case Operation.SetBack:
                    time.AdjustTime(time.GetUtcNow() - step.Duration);
                    return 0;
                default:
                    return step.Operation is Operation.RemoveSession
                        ? cache.RemoveSession(step.Session)
                        : cache.RemoveIdentity(step.Identity);
            }
        }

        public string State() =>
            $"{string.Join('|', Keys.Take(Credentials).Select(Find))} {cache.Count} {cache.RefusedCount}";

        private string Find(CredentialKey key) => cache.TryGet(key, time.GetUtcNow().UtcTicks, out var entry)
            ? $"{entry.Verdict.Caller?.Session!.Id} {entry.Verdict.Caller?.Subject} {entry.StaleUntil}"
            : "-";
    }

    /// <summary>What one thread does, with ids that no other thread uses, and what it knows of it.</summary>
    private sealed class OneOfMany(SessionCache cache, FakeTimeProvider time, int thread)
    {
        private readonly Dictionary<CredentialKey, SessionEntry> _mine = [];

        public void Do(Step step)
        {
            var key = Keys[(thread * Credentials) + step.Credential];
            var mine = step with { Session = $"{step.Session}.{thread}", Identity = $"{step.Identity}.{thread}" };
            switch (step.Operation)
            {
                case Operation.Set or Operation.Refuse:
                    cache.Set(
                        _mine[key] = Entry(key, mine with { Seconds = 1000 + step.Seconds }, DateTimeOffset.UnixEpoch.UtcTicks));
                    break;
                case Operation.Remove:
                    cache.Remove(key);
                    _mine.Remove(key);
                    break;
                case Operation.RemoveSession:
                    Assert.InRange(cache.RemoveSession(mine.Session), 0, Forget(caller => caller.Session!.Id == mine.Session));
                    break;
                case Operation.RemoveIdentity:
                    Assert.InRange(
                        cache.RemoveIdentity(mine.Identity),
                        0,
                        Forget(caller => caller.Subject == mine.Identity));
                    break;
                case Operation.Advance when thread == 0: // the clock is one thread's
                    time.Advance(mine.Duration);
                    break;
            }
            foreach (var known in Keys.Skip(thread * Credentials).Take(Credentials))
            {
                if (cache.TryGet(known, DateTimeOffset.UnixEpoch.UtcTicks, out var found))
                {
                    Assert.Same(_mine.GetValueOrDefault(known), found);
                }
            }
        }

        private int Forget(Func<Caller, bool> which)
        {
            var gone = _mine.Where(e => e.Value.Verdict.Caller is { } caller && which(caller)).Select(e => e.Key).ToArray();
            return gone.Count(_mine.Remove);
        }
    }
}
