namespace Gateway.UnitTests.Sessions.Cache;

public sealed partial class SessionCachePropertyTests
{
    /// <summary>What the cache promises, in the plainest code there is.</summary>
    private sealed class Model
    {
        private readonly List<(int Credential, string? Session, string? Identity, long Asked, long Until)> _entries = [];
        private long _now = DateTimeOffset.UnixEpoch.UtcTicks;
        private long _sweepAt = DateTimeOffset.UnixEpoch.UtcTicks + TimeSpan.TicksPerMinute;

        public List<string> Seen { get; } = [];

        public void See(Step[] steps) => Seen.AddRange(steps.Select(step => $"{Do(step)} {State()}"));

        private int Do(Step step)
        {
            switch (step.Operation)
            {
                case Operation.RemoveSession:
                    return _entries.RemoveAll(e => e.Session == step.Session);
                case Operation.RemoveIdentity:
                    return _entries.RemoveAll(e => e.Identity == step.Identity);
                case Operation.Advance:
                    Sweep(until: _now + step.Duration.Ticks);
                    _now += step.Duration.Ticks;
                    return 0;
                case Operation.SetBack: // FakeTimeProvider's timers go with it
                    _now -= step.Duration.Ticks;
                    _sweepAt -= step.Duration.Ticks;
                    return 0;
                case Operation.SetRevoked:
                    return 0;
                default:
                    _entries.RemoveAll(e => e.Credential == step.Credential);
                    Add(step);
                    return 0;
            }
        }

        private void Add(Step step)
        {
            if (step.Operation is Operation.Remove || step.Seconds == 0)
            {
                return;
            }
            var isRefused = step.Operation is Operation.Refuse;
            _entries.Add(
                (step.Credential, isRefused ? null : step.Session, isRefused ? null : step.Identity, _now,
                    _now + step.Duration.Ticks));
            var sessions = _entries.FindAll(e => !isRefused && e.Session == step.Session);
            if (sessions.Count > MostOfSession)
                _entries.Remove(sessions[0]);
        }

        /// <summary>
        /// With every minute that has passed, by the time that it is then: FakeTimeProvider fires when it has advanced.
        /// </summary>
        private void Sweep(long until)
        {
            for (; _sweepAt <= until; _sweepAt += TimeSpan.TicksPerMinute)
            {
                _entries.RemoveAll(e => e.Until <= until || e.Asked > until);
            }
        }

        private string State()
        {
            var sessions = _entries.Count(e => e.Session is not null);
            return $"{string.Join('|', Enumerable.Range(0, Credentials).Select(Find))} {sessions} {_entries.Count - sessions}";
        }

        private string Find(int credential)
        {
            foreach (var (_, session, identity, _, until) in _entries.Where(
                e => e.Credential == credential && _now >= e.Asked && _now < e.Until))
            {
                return $"{session} {identity} {until}";
            }
            return "-";
        }
    }
}
