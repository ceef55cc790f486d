using System.Collections.Concurrent;
using Gateway.Kratos;
using Gateway.Sessions.Credentials;

namespace Gateway.Denials;

/// <summary>
/// Whether the owner of a session cookie has a second factor. Kratos makes a login flow for every such question, so an answer
/// serves for 2 seconds: whoever is refused comes again at once. One question per credential at a time.
/// </summary>
internal sealed class SecondFactors(KratosClient kratos, CallQueue queue, KratosOptions options, TimeProvider time)
{
    private const int MostRemembered = 10_000;

    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<CredentialKey, Asked> _asked = new();

    /// <summary>Null when Kratos did not say, and for a session token, which opens no login page.</summary>
    public async ValueTask<bool?> HasAsync(SessionCredential credential, CancellationToken cancellationToken)
    {
        if (credential.Cookie is not { } cookie) return null;
        if (_asked.Count >= MostRemembered)
            _asked.Clear();
        var now = time.GetTimestamp();
        var mine = new Asked(now, new(() => AskAsync(cookie)));
        var asked = _asked.AddOrUpdate(
            credential.Key(),
            static (_, own) => own.mine,
            static (_, known, own) => own.Time.GetElapsedTime(known.At, own.now) < Lifetime ? known : own.mine,
            (mine, now, Time: time));
        return await asked.Answer.Value.WaitAsync(cancellationToken);
    }

    /// <summary>On behalf of all who wait for it, so nobody's going away ends it.</summary>
    private async Task<bool?> AskAsync(string cookie)
    {
        var origin = new CallOrigin(Client: null, IsKnown: true);
        if (!await queue.EnterAsync(origin)) return null;
        try
        {
            using var limit = new CancellationTokenSource(options.Timeout, time);
            return await kratos.HasSecondFactorAsync(cookie, limit.Token);
        }
        finally
        {
            queue.Leave(origin);
        }
    }

    /// <param name="At">A timestamp of the time provider.</param>
    private sealed record Asked(long At, Lazy<Task<bool?>> Answer);
}
