using System.Collections.Frozen;

namespace DevKratos.Core;

/// <summary>What a test can break, and what it can count. Every member may be used from any thread.</summary>
public sealed class DevKratosFaults
{
    /// <summary>By which the questions of DevKratos' own pages are known.</summary>
    internal const string PagesUserAgent = "DevKratos-Pages";

    private readonly Lock _gate = new();
    private TaskCompletionSource? _hang;
    private long _whoamiCalls;
    private long _readyCalls;

    /// <summary>
    /// As if PostgreSQL were stopped: whoami answers its ordinary 401, readiness 503, flows 500 with the database's address in
    /// the text.
    /// </summary>
    public bool DatabaseDown { get; set; }

    /// <summary>
    /// As if PostgreSQL were locked, with a time-out of statements: readiness, which only pings, is good, and all else is as with
    /// <see cref="DatabaseDown"/>.
    /// </summary>
    public bool QueriesFail { get; set; }

    internal bool NoQueries => DatabaseDown || QueriesFail;

    /// <summary>Whoami answers with this status and a meaningless body, whoever asks.</summary>
    public int? WhoamiStatusOverride { get; set; }

    /// <summary>While true, whoami does not answer; setting it to false releases every waiting call.</summary>
    public bool Hang
    {
        get
        {
            lock (_gate)
                return _hang is not null;
        }
        set
        {
            TaskCompletionSource? released = null;
            lock (_gate)
            {
                if (value)
                    _hang ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                else
                    (released, _hang) = (_hang, null);
            }

            released?.TrySetResult();
        }
    }

    /// <summary>Calls of others with a credential; those of DevKratos' own pages do not count.</summary>
    public long WhoamiCalls => Interlocked.Read(ref _whoamiCalls);

    public long ReadyCalls => Interlocked.Read(ref _readyCalls);

    /// <summary>The headers of the last counted whoami request, null before the first.</summary>
    public IReadOnlyDictionary<string, string>? LastWhoamiHeaders { get; private set; }

    /// <summary>Method, path and query of the last whoami request.</summary>
    public string? LastWhoamiRequest { get; private set; }

    public void ResetCounters()
    {
        Interlocked.Exchange(ref _whoamiCalls, 0);
        Interlocked.Exchange(ref _readyCalls, 0);
    }

    internal void CountReady() => Interlocked.Increment(ref _readyCalls);

    internal async ValueTask MeetWhoamiAsync(HttpContext context)
    {
        var request = context.Request;
        string[] credentials = ["X-Session-Token", "Cookie", "Authorization"];
        if (request.Headers.UserAgent != PagesUserAgent && credentials.Any(request.Headers.ContainsKey))
        {
            Interlocked.Increment(ref _whoamiCalls);
            LastWhoamiRequest = $"{request.Method} {request.Path}{request.QueryString}";
            LastWhoamiHeaders = request.Headers.ToFrozenDictionary(
                h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        }

        Task? hang;
        lock (_gate)
            hang = _hang?.Task;
        if (hang is not null)
            await hang.WaitAsync(context.RequestAborted);
    }
}
