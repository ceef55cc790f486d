using Gateway.Kratos;
using Gateway.Sessions.Credentials;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Gateway.Sessions;

/// <summary>
/// Asks Kratos for a verdict within <c>Kratos:Timeout</c>, behind a circuit breaker: while Kratos is failing, callers learn so
/// at once instead of each waiting for a time-out. The breaker tries again every second.
/// </summary>
internal sealed class WhoamiCaller(
    KratosClient kratos,
    KratosReadiness readiness,
    PublicApiCheck publicApi,
    KratosOptions options,
    SessionMetrics metrics,
    TimeProvider time)
{
    private readonly ResiliencePipeline<WhoamiAnswer> _pipeline =
        new ResiliencePipelineBuilder<WhoamiAnswer> { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<WhoamiAnswer>
            {
                // What is wrong with one request must not count, or anybody could shut the others out by sending such requests.
                ShouldHandle = static args => new(args.Outcome.Exception is not null
                    || args.Outcome.Result is { Status: WhoamiStatus.NoVerdict, BlamesRequest: false }),
                FailureRatio = 0.5,
                MinimumThroughput = 5,
                SamplingDuration = TimeSpan.FromSeconds(10),
                BreakDuration = TimeSpan.FromSeconds(1),
            })
            .AddTimeout(new TimeoutStrategyOptions { Timeout = options.Timeout })
            .Build();

    /// <summary>Kratos' verdict on the credential; trouble of any kind is <see cref="WhoamiStatus.NoVerdict"/>.</summary>
    /// <param name="contradicts">The credential was good a moment ago, so a refusal is believed only after a fresh look at
    /// Kratos' readiness.</param>
    public async Task<WhoamiAnswer> AskAsync(SessionCredential credential, bool contradicts)
    {
        var started = time.GetTimestamp();
        var answer = await CallAsync(credential, contradicts);
        if (answer is { Status: WhoamiStatus.NoVerdict, BlamesRequest: false })
            readiness.Doubt();
        metrics.Answered(answer, time.GetElapsedTime(started));
        return answer;
    }

    private async Task<WhoamiAnswer> CallAsync(SessionCredential credential, bool contradicts)
    {
        try
        {
            return await _pipeline.ExecuteAsync(
                async cancellationToken => await CheckAsync(
                    await kratos.ToSessionAsync(credential.SessionToken, credential.Cookie, cancellationToken),
                    contradicts,
                    cancellationToken));
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

    /// <summary>The answer, if whoever gave it is in a state to know.</summary>
    private async ValueTask<WhoamiAnswer> CheckAsync(
        WhoamiAnswer answer, bool contradicts, CancellationToken cancellationToken)
    {
        switch (answer.Status)
        {
            case WhoamiStatus.NoSession when !await readiness.IsReadyAsync(contradicts, cancellationToken):
                return WhoamiAnswer.NoVerdict("Kratos is not ready, so its 401 means nothing");
            case WhoamiStatus.Active when !publicApi.IsConfirmed && !await publicApi.ConfirmAsync(cancellationToken):
                answer.Json?.Dispose();
                return WhoamiAnswer.NoVerdict("Kratos:PublicUrl is not known to be Kratos' public API");
            default:
                return answer;
        }
    }
}
