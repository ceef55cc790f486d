using Gateway.Decisions;
using Gateway.Denials;
using Gateway.Forwarding;
using Gateway.Sessions;
using Gateway.Sessions.Credentials;
using Gateway.Sessions.Revocations;
using Gateway.Telemetry;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.KratosProxy;

/// <summary>
/// Hears Kratos' answers: sessions that ended or changed leave the cache before the answer reaches the client, 5xx bodies are
/// masked, and the login page is learnt.
/// </summary>
internal sealed partial class KratosTransformer(
    HttpTransformer inner,
    SessionRevocations revocations,
    SessionResolver sessions,
    CredentialReader credentials,
    LoginPages pages,
    ILogger<KratosTransformer> log) : DelegatingTransformer(inner)
{
    /// <summary>A flow is a few kB.</summary>
    private const int MaxRecoveryAnswer = 1024 * 1024;

    public override async ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null) return await Inner.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);

        var status = (int)proxyResponse.StatusCode;
        if (status >= 500)
        {
            // The body may hold database names, users and addresses.
            LogMasked(log, status);
            await httpContext.DenyAsync(status is 503 ? Reason.IdentityProviderUnavailable : Reason.IdentityProviderError);
            return false;
        }

        var newCookie = NewCookie(proxyResponse);
        if (newCookie is { } issued)
            sessions.Expect(issued);
        // 422 tells an AJAX client to go elsewhere, such as to its settings with the session that a recovery has just given it.
        if (status is >= 200 and < 400 or StatusCodes.Status422UnprocessableEntity
            && httpContext.Features.Get<KratosCall>() is { Kind: not KratosCallKind.Other } call)
            await HearAsync(httpContext, call, proxyResponse, newCookie);
        return await Inner.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
    }

    private async ValueTask HearAsync(
        HttpContext context, KratosCall call, HttpResponseMessage answer, SessionCredential? newCookie)
    {
        switch (call.Kind)
        {
            // Who is signed in already is redirected to return_to, which is anybody's choice.
            case KratosCallKind.StartLogin when call.Credential is null:
                if (answer.Headers.NonValidated.TryGetValues("Location", out var location))
                    pages.Learn(location.ToString());
                break;
            // Anybody may send a logout with an invented cookie, which is no news for other replicas; one that succeeds sets it.
            case KratosCallKind.Logout or KratosCallKind.ApiLogout or KratosCallKind.Login:
                if (!call.IsRefused || newCookie is not null)
                    RevokeCaller(call);
                break;
            case KratosCallKind.EndSession:
                Log(revocations.RevokeSession(call.Path[KratosCall.Sessions.Length..]), call.Kind);
                break;
            case KratosCallKind.EndOtherSessions or KratosCallKind.ChangeIdentity:
                RevokeCaller(call);
                RevokeIdentity(call.Caller, call.Kind);
                break;
            case KratosCallKind.Recovery:
                RevokeCaller(call);
                if ((newCookie ?? await NewTokenAsync(answer, context.RequestAborted)) is { } credential)
                    await RevokePersonOfAsync(credential, context, call.Kind);
                break;
        }
    }

    private void RevokeCaller(KratosCall call)
    {
        if (call.Credential is { } credential)
            revocations.RevokeCredential(credential.Key());
        if (call.Caller is { Session: { } session })
            Log(revocations.RevokeSession(session.Id), call.Kind);
    }

    private async ValueTask RevokePersonOfAsync(SessionCredential credential, HttpContext context, KratosCallKind kind)
    {
        var client = context.Connection.RemoteIpAddress;
        RevokeIdentity((await sessions.ResolveAsync(credential, client, context.RequestAborted)).Verdict.Caller, kind);
    }

    private void RevokeIdentity(Caller? caller, KratosCallKind kind)
    {
        if (caller is not null)
            Log(revocations.RevokeIdentity(caller.Subject), kind);
    }

    /// <summary>The session cookie that Kratos sets with this answer.</summary>
    private SessionCredential? NewCookie(HttpResponseMessage answer)
    {
        if (!answer.Headers.NonValidated.TryGetValues("Set-Cookie", out var cookies)) return null;
        foreach (var cookie in cookies)
        {
            var pair = cookie.Split(';', 2)[0].Trim();
            if (credentials.IsSessionPair(pair)) return new(CredentialKind.Cookie, pair);
        }
        return null;
    }

    /// <summary>
    /// The session token in the <c>continue_with</c> of an API flow's answer. The body is buffered, so that the client gets
    /// it whole.
    /// </summary>
    private static async ValueTask<SessionCredential?> NewTokenAsync(
        HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        if (answer.Content.Headers.ContentType?.MediaType is not "application/json") return null;
        await answer.Content.LoadIntoBufferAsync(MaxRecoveryAnswer, cancellationToken);
        return SessionTokenJson.Find(await answer.Content.ReadAsByteArrayAsync(cancellationToken), "ory_session_token");
    }

    private void Log(int entries, KratosCallKind kind)
    {
        if (entries > 0)
            LogRevoked(log, entries, kind);
    }

    [LoggerMessage(EventIds.SessionsRevoked, LogLevel.Information, "{Entries} cached session entries dropped after {Call}")]
    private static partial void LogRevoked(ILogger logger, int entries, KratosCallKind call);

    [LoggerMessage(EventIds.KratosAnswerMasked, LogLevel.Warning, "Kratos answered {Status}; its body was not passed on")]
    private static partial void LogMasked(ILogger logger, int status);
}
