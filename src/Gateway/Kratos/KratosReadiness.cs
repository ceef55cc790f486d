namespace Gateway.Kratos;

/// <summary>
/// Whether Kratos is in a state to refuse anybody. It answers 401 to every credential while its database is down
/// (ory/kratos#3250), which <c>/health/ready</c> tells, and while queries fail behind a good readiness, which only a query tells
/// (docs/kratos.md): a 401 counts as a verdict only while both are good.
/// </summary>
internal sealed class KratosReadiness
{
    private readonly PublicApiCheck _publicApi;
    private readonly KratosProbe _ready;
    private readonly KratosProbe _queries;

    public KratosReadiness(KratosClient kratos, PublicApiCheck publicApi, KratosOptions options, TimeProvider time)
    {
        _publicApi = publicApi;
        var second = TimeSpan.FromSeconds(1);
        _ready = new(Watched(kratos.IsReadyAsync), lifetime: 2 * second, pause: TimeSpan.Zero, options.Timeout, time);
        _queries = new(Watched(kratos.AnswersQueriesAsync), lifetime: second, pause: second, options.Timeout, time);
    }

    /// <summary>The last answer, or null while Kratos was never asked or has shown trouble since.</summary>
    public bool? LastKnown => _ready.LastKnown;

    /// <summary>Whether queries fail behind a good readiness, as far as is known.</summary>
    public bool QueriesFail => _queries.LastKnown is false;

    /// <summary>Whether a refusal of Kratos' is one, as far as is known.</summary>
    public bool? CanRefuse => QueriesFail ? false : LastKnown;

    /// <summary>
    /// Kratos has just failed to give a verdict: a good answer is forgotten, and what was known of queries, as this is trouble
    /// that shows.
    /// </summary>
    public void Doubt()
    {
        _ready.Forget(true);
        _queries.Forget(true);
        _queries.Forget(false);
        _publicApi.Doubt();
    }

    /// <summary>Kratos has just found a session: queries work.</summary>
    public void Believe() => _queries.Forget(false);

    /// <summary>Whether Kratos is ready.</summary>
    /// <param name="fresh">Do not accept an answer asked for before now: a session that was good a moment ago was
    /// refused.</param>
    public async Task<bool> IsReadyAsync(bool fresh, CancellationToken cancellationToken)
    {
        var isReady = await _ready.AskAsync(fresh, cancellationToken);
        if (!isReady)
            _queries.Forget(false); // the trouble shows now
        return isReady;
    }

    /// <summary>Whether Kratos' queries work. Asked at most once a second, so a fresh answer may take that long.</summary>
    /// <inheritdoc cref="IsReadyAsync"/>
    public Task<bool> AnswersQueriesAsync(bool fresh, CancellationToken cancellationToken) =>
        _queries.AskAsync(fresh, cancellationToken);

    /// <summary>Whoever is in trouble may come back as somebody else.</summary>
    private Func<CancellationToken, Task<bool>> Watched(Func<CancellationToken, Task<bool>> ask) =>
        async cancellationToken =>
        {
            var isGood = false;
            try
            {
                return isGood = await ask(cancellationToken);
            }
            finally
            {
                if (!isGood)
                    _publicApi.Doubt();
            }
        };
}
