using Gateway.Kratos;

namespace Gateway.Sessions;

/// <summary>Whether what Kratos answers is to be believed, by the state that Kratos is in.</summary>
internal sealed class WhoamiCheck(KratosReadiness readiness, PublicApiCheck publicApi)
{
    /// <summary>The answer, if whoever gave it is in a state to know.</summary>
    /// <param name="contradicts">The credential was good a moment ago, so a refusal is believed only after a fresh look.</param>
    public async ValueTask<WhoamiAnswer> CheckAsync(WhoamiAnswer answer, bool contradicts, CancellationToken cancellationToken)
    {
        switch (answer.Status)
        {
            case WhoamiStatus.NoSession when !await readiness.IsReadyAsync(contradicts, cancellationToken):
                return Disbelieved("Kratos is not ready, so its 401 means nothing");
            case WhoamiStatus.NoSession when !await readiness.AnswersQueriesAsync(contradicts, cancellationToken):
                return Disbelieved("Kratos is ready but its queries fail, so its 401 means nothing");
            case WhoamiStatus.Active when !publicApi.IsConfirmed && !await publicApi.ConfirmAsync(cancellationToken):
                answer.Json?.Dispose();
                return WhoamiAnswer.NoVerdict("Kratos:PublicUrl is not known to be Kratos' public API");
            default:
                return answer;
        }
    }

    /// <summary>What an answer that has been checked says of Kratos' state.</summary>
    public void Learn(WhoamiAnswer answer)
    {
        if (answer is { Status: WhoamiStatus.NoVerdict, Cause: NoVerdictCause.Trouble })
            readiness.Doubt();
        else if (answer.Status is WhoamiStatus.Active)
            readiness.Believe();
    }

    private static WhoamiAnswer Disbelieved(string failure) => WhoamiAnswer.NoVerdict(failure, NoVerdictCause.Disbelieved);
}
