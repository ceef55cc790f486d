namespace Gateway.Decisions;

/// <summary>
/// Whether sessions are cached with their whole JSON (one to three kB each), because a rule in force has a template over it.
/// Follows the configuration; a session that was cached without is asked for again.
/// </summary>
internal sealed class SessionJsonNeed
{
    private volatile bool _isNeeded;

    public bool IsNeeded
    {
        get => _isNeeded;
        set => _isNeeded = value;
    }
}
