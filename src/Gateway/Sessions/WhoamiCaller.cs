using Gateway.Kratos;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Gateway.Sessions;

/// <summary>
/// Asks Kratos for a verdict within <c>Kratos:Timeout</c>, behind a circuit breaker: while Kratos is failing, callers learn so
/// at once instead of each waiting for a time-out. The breaker tries again every second.
/// </summary>
internal sealed class WhoamiCaller
{
    private readonly ResiliencePipeline<WhoamiAnswer> _pipeline;
    private readonly KratosClient _kratos;
    private readonly KratosReadiness _readiness;
    private readonly PublicApiCheck _publicApi;
    private readonly SessionMetrics _metrics;
    private readonly TimeProvider _time;

    public WhoamiCaller(
        KratosClient kratos,
        KratosReadiness readiness,
        PublicApiCheck publicApi,
        KratosOptions options,
        SessionMetrics metrics,
        TimeProvider time)
    {
        (_kratos, _readiness, _publicApi, _metrics, _time) = (kratos, readiness, publicApi, metrics, time);
        _pipeline = new ResiliencePipelineBuilder<WhoamiAnswer> { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<WhoamiAnswer>
            {
                // What is wrong with one request must not count, or anybody could shut the others out by sending such requests.
                ShouldHandle = static args => new(args.Outcome.Exception is not null || args.Outcome.Result is { Status: WhoamiStatus.NoVerdict, BlamesRequest: false }),
                FailureRatio = 0.5,
                MinimumThroughput = 5,
                SamplingDuration = TimeSpan.FromSeconds(10),
                BreakDuration = TimeSpan.FromSeconds(1),
            })
            .AddTimeout(new TimeoutStrategyOptions { Timeout = options.Timeout })
            .Build();
    }

    /// <summary>Kratos' verdict on the credential; trouble of any kind is <see cref="WhoamiStatus.NoVerdict"/>.</summary>
    /// <param name="contradicts">The credential was good a moment ago, so a refusal is believed only after a fresh look at Kratos' readiness.</param>
    public async Task<WhoamiAnswer> AskAsync(SessionCredential credential, bool contradicts)
    {
        var started = _time.GetTimestamp();
        var answer = await CallAsync(credential, contradicts);
        if (answer is { Status: WhoamiStatus.NoVerdict, BlamesRequest: false }) _readiness.Doubt();
        _metrics.Answered(answer, _time.GetElapsedTime(started));
        return answer;
    }

    private async Task<WhoamiAnswer> CallAsync(SessionCredential credential, bool contradicts)
    {
        try
        {
            return await _pipeline.ExecuteAsync(async (state, cancellationToken) =>
            {
                var answer = await state._kratos.ToSessionAsync(credential.SessionToken, credential.Cookie, cancellationToken);
                switch (answer.Status)
                {
                    case WhoamiStatus.NoSession when !await state._readiness.IsReadyAsync(contradicts, cancellationToken):
                        return WhoamiAnswer.NoVerdict("Kratos is not ready, so its 401 means nothing");
                    case WhoamiStatus.Active when !state._publicApi.IsConfirmed
                        && !await state._publicApi.ConfirmAsync(cancellationToken):
                        answer.Json?.Dispose();
                        return WhoamiAnswer.NoVerdict("Kratos:PublicUrl is not known to be Kratos' public API");
                    default:
                        return answer;
                }
            }, this);
        }
        catch (BrokenCircuitException)
        {
            return WhoamiAnswer.NoVerdict("Kratos has been failing; the next call is tried within a second");
        }
        catch (Exception e) when (e is TimeoutRejectedException or OperationCanceledException)
        {
            return WhoamiAnswer.NoVerdict("Kratos did not answer in time");
        }
    }
}
