using System.Globalization;
using DevKratos.Core;
using DevKratos.State;

namespace DevKratos.PublicApi;

/// <summary>Begins sessions, steps them up, and hands out their cookies.</summary>
internal sealed class SignIns(KratosCore core)
{
    public Session Begin(Identity identity, string method, HttpRequest? request)
    {
        var now = core.Now;
        var session = new Session
        {
            Id = Guid.NewGuid(),
            IdentityId = identity.Id,
            Token = SecretText.SessionToken(),
            LogoutToken = SecretText.LogoutToken(),
            AuthenticatedAt = now,
            IssuedAt = now,
            ExpiresAt = now + core.Options.SessionLifespan,
            Methods = [new AuthenticationMethod(method, "aal1", now)],
            Devices = [DeviceOf(request, Guid.NewGuid())],
        };
        core.Store.Add(session);
        return session;
    }

    /// <summary>A further factor or a fresh password for a session that exists: same id, same token, new times.</summary>
    public Session Renew(Session session, string method, string aal)
    {
        var now = core.Now;
        return core.Store.Update(session.Id, s => s with
        {
            AuthenticatedAt = now,
            ExpiresAt = now + core.Options.SessionLifespan,
            Methods = s.Methods.Add(new AuthenticationMethod(method, aal, now)),
        })!;
    }

    /// <summary>
    /// As Kratos shows a renewed session in the answer to its login: as if issued now, with the present device added under an
    /// empty id.
    /// </summary>
    public static Session AsAnswered(Session session, HttpRequest request) =>
        session with { IssuedAt = session.AuthenticatedAt, Devices = [.. session.Devices, DeviceOf(request, Guid.Empty)] };

    public string SetCookie(HttpContext context, Session session)
    {
        var value = core.Store.IssueCookie(session);
        var seconds = (long)(session.ExpiresAt - core.Now - TimeSpan.FromTicks(1)).TotalSeconds;
        var expires = core.Now.AddSeconds(seconds).ToString("R", CultureInfo.InvariantCulture);
        CookieHeader.Set(
            context.Response,
            KratosCore.SessionCookie,
            value,
            string.Create(CultureInfo.InvariantCulture, $"Expires={expires}; Max-Age={seconds}"),
            core.Options.SecureCookies);
        return value;
    }

    /// <summary>Kratos ends the cookie with a value that is not empty.</summary>
    public void ClearCookie(HttpContext context) => CookieHeader.Set(
        context.Response, KratosCore.SessionCookie, SecretText.CookieValue(core.Now), "Expires=Thu, 01 Jan 1970 00:00:01 GMT; "
            + "Max-Age=0", core.Options.SecureCookies);

    private static Device DeviceOf(HttpRequest? request, Guid id)
    {
        if (request is null) return new Device(id, "127.0.0.1", "DevKratos");
        var connection = request.HttpContext.Connection;
        var address = Header("True-Client-IP") ?? Header("Cf-Connecting-IP") ?? Header("X-Real-IP") ?? Header("X-Forwarded-For")
            ?? string.Create(CultureInfo.InvariantCulture, $"{connection.RemoteIpAddress?.MapToIPv4()}:{connection.RemotePort}");
        return new Device(id, address, request.Headers.UserAgent.FirstOrDefault());

        string? Header(string name) =>
            request.Headers[name].ToString().Split(',')[0].Trim() is { Length: > 0 } value ? value : null;
    }
}
