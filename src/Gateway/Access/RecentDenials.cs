namespace Gateway.Access;

/// <summary>
/// The last refused requests, for who asks with a request id why. Those of known callers are kept apart from those of nobody
/// known, so that a flood of anonymous requests pushes no person's out. Writers meet at a counter only.
/// </summary>
internal sealed class RecentDenials
{
    /// <summary>How many are kept, of known callers and of others each.</summary>
    public const int Capacity = 1000;

    private readonly Ring _known = new();
    private readonly Ring _others = new();

    public void Add(DeniedRequest denied) => (denied.Subject is null ? _others : _known).Add(denied);

    /// <summary>Null: there was none with this id, or newer ones have taken its place.</summary>
    public DeniedRequest? Find(string requestId) => _known.Find(requestId) ?? _others.Find(requestId);

    private sealed class Ring
    {
        private readonly DeniedRequest?[] _slots = new DeniedRequest?[Capacity];
        private uint _next;

        public void Add(DeniedRequest denied)
        {
            var slot = (Interlocked.Increment(ref _next) - 1) % Capacity;
            Volatile.Write(ref _slots[slot], denied);
        }

        public DeniedRequest? Find(string requestId)
        {
            for (var i = 0; i < _slots.Length; i++)
                if (Volatile.Read(ref _slots[i]) is { } denied && denied.RequestId == requestId) return denied;
            return null;
        }
    }
}
