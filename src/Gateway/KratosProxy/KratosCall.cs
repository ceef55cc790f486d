using Gateway.Decisions;
using Gateway.Sessions.Credentials;

namespace Gateway.KratosProxy;

internal enum KratosCallKind
{
    /// <summary>Changes no session.</summary>
    Other,

    /// <summary>Ends the caller's session.</summary>
    Logout,

    /// <summary>Ends the session whose token is in the request body.</summary>
    ApiLogout,

    /// <summary>Ends the caller's other sessions.</summary>
    EndOtherSessions,

    /// <summary>Ends the session named in the path.</summary>
    EndSession,

    /// <summary>Raises or renews the caller's session (step-up, re-login).</summary>
    Login,

    /// <summary>Changes the caller's identity, and with Kratos' <c>revoke_active_sessions</c> hook ends its sessions.</summary>
    ChangeIdentity,

    /// <summary>As <see cref="ChangeIdentity"/>, for the person that Kratos signs in with its answer.</summary>
    Recovery,

    /// <summary>Starts a browser login: the answer tells where the login page is.</summary>
    StartLogin,
}

/// <summary>A call under Kratos' path, and what was known of its caller before it was made.</summary>
/// <param name="Path">The raw path behind the prefix.</param>
/// <param name="IsRefused">Kratos knows no session of the credential.</param>
internal sealed record KratosCall(
    KratosCallKind Kind, string Path, SessionCredential? Credential = null, Caller? Caller = null, bool IsRefused = false)
{
    public const string Sessions = "/sessions/";

    public static KratosCallKind KindOf(string method, ReadOnlySpan<char> path) => path switch
    {
        "/self-service/login/browser" => KratosCallKind.StartLogin,
        "/self-service/login" when HttpMethods.IsPost(method) => KratosCallKind.Login,
        "/self-service/logout" => KratosCallKind.Logout,
        "/self-service/logout/api" when HttpMethods.IsDelete(method) => KratosCallKind.ApiLogout,
        // A settings flow can also be completed by a GET: the change that waited for re-authentication.
        "/self-service/settings" or "/self-service/verification" => KratosCallKind.ChangeIdentity,
        "/self-service/recovery" => KratosCallKind.Recovery,
        // A social login comes back here, also one that completes a settings change or a step-up.
        _ when path.StartsWith("/self-service/methods/oidc/", StringComparison.Ordinal) => KratosCallKind.ChangeIdentity,
        "/sessions" when HttpMethods.IsDelete(method) => KratosCallKind.EndOtherSessions,
        _ when HttpMethods.IsDelete(method) && path.StartsWith(Sessions, StringComparison.Ordinal) => KratosCallKind.EndSession,
        _ => KratosCallKind.Other,
    };
}
