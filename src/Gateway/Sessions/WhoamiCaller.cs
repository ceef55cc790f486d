using Gateway.Kratos;
using Gateway.Sessions.Credentials;
using Polly;
using Polly.CircuitBreaker;

namespace Gateway.Sessions;

/// <summary>
/// Asks Kratos for a verdict within <c>Kratos:Timeout</c>, behind a circuit breaker: while Kratos is failing, callers learn so
/// at once instead of each waiting for a time-out. The breaker tries again every second. Strangers have one of their own, in
/// which a failure counts only while Kratos answers nobody: whoever invents credentials that take Kratos long opens no breaker
/// for others.
/// </summary>
internal sealed class WhoamiCaller
{
    /// <summary>A Kratos that gave somebody a verdict so lately is not failing.</summary>
    private static readonly TimeSpan Lately = TimeSpan.FromSeconds(2);

    private readonly KratosClient _kratos;
    private readonly CallQueue _queue;
    private readonly WhoamiCheck _check;
    private readonly SessionMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly TimeSpan _timeout;
    private readonly ResiliencePipeline<WhoamiAnswer> _known;
    private readonly ResiliencePipeline<WhoamiAnswer> _strangers;
    private long _verdictAt;

    public WhoamiCaller(
        KratosClient kratos,
        CallQueue queue,
        WhoamiCheck check,
        KratosOptions options,
        SessionMetrics metrics,
        TimeProvider time)
    {
        (_kratos, _queue, _check, _metrics, _time, _timeout) = (kratos, queue, check, metrics, time, options.Timeout);
        _known = Breaker(static () => true);
        _strangers = Breaker(() => _time.GetElapsedTime(Volatile.Read(ref _verdictAt)) > Lately);
    }

    /// <summary>Kratos' verdict on the credential; trouble of any kind is <see cref="WhoamiStatus.NoVerdict"/>.</summary>
    /// <param name="contradicts">The credential was good a moment ago, so a refusal is believed only after a fresh look at
    /// Kratos' state.</param>
    public async Task<WhoamiAnswer> AskAsync(SessionCredential credential, CallOrigin origin, bool contradicts)
    {
        var started = _time.GetTimestamp();
        var answer = await WaitAndCallAsync(credential, origin, contradicts);
        _check.Learn(answer);
        if (answer.Status is not WhoamiStatus.NoVerdict)
            Volatile.Write(ref _verdictAt, _time.GetTimestamp());
        _metrics.Answered(answer, _time.GetElapsedTime(started));
        return answer;
    }

    private async Task<WhoamiAnswer> WaitAndCallAsync(SessionCredential credential, CallOrigin origin, bool contradicts)
    {
        using var limit = new CancellationTokenSource(_timeout, _time);
        if (!await _queue.EnterAsync(origin))
            return WhoamiAnswer.NoVerdict("too many calls to Kratos wait (Kratos:MaxConcurrentCalls)", NoVerdictCause.Busy);
        try
        {
            return await (origin.IsKnown ? _known : _strangers).ExecuteAsync(
                static async (call, _) => await call.Caller.CallAsync(call.credential, call.contradicts, call.limit.Token),
                (Caller: this, credential, contradicts, limit));
        }
        catch (BrokenCircuitException)
        {
            return WhoamiAnswer.NoVerdict(
                "Kratos has been failing; the next call is tried within a second", NoVerdictCause.NotTried);
        }
        finally
        {
            _queue.Leave(origin);
        }
    }

    private async Task<WhoamiAnswer> CallAsync(SessionCredential credential, bool contradicts, CancellationToken limit)
    {
        try
        {
            var answer = await _kratos.ToSessionAsync(credential.SessionToken, credential.Cookie, limit);
            return await _check.CheckAsync(answer, contradicts, limit);
        }
        catch (OperationCanceledException)
        {
            return WhoamiAnswer.NoVerdict("Kratos did not answer in time");
        }
    }

    /// <param name="answer">Null: it threw.</param>
    private static bool IsFailure(WhoamiAnswer? answer) => answer is null
        or { Status: WhoamiStatus.NoVerdict, Cause: NoVerdictCause.Trouble or NoVerdictCause.Disbelieved };

    /// <param name="counts">Whether a failure says something of Kratos.</param>
    private ResiliencePipeline<WhoamiAnswer> Breaker(Func<bool> counts) =>
        new ResiliencePipelineBuilder<WhoamiAnswer> { TimeProvider = _time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<WhoamiAnswer>
            {
                // What is wrong with one request must not count, or anybody could shut the others out by sending such requests.
                ShouldHandle = args => new(IsFailure(args.Outcome.Result) && counts()),
                FailureRatio = 0.5,
                MinimumThroughput = 5,
                SamplingDuration = TimeSpan.FromSeconds(10),
                BreakDuration = TimeSpan.FromSeconds(1),
            })
            .Build();
}
