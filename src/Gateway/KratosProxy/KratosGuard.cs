using Gateway.Decisions;
using Gateway.Kratos;
using Gateway.Sessions;
using Gateway.Sessions.Credentials;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.KratosProxy;

/// <summary>
/// Around Kratos' route. What passes under Kratos' path: only its public API, and before a call that ends or changes a
/// session, who the caller is. Afterwards Kratos could not say any more; the answer is heard by
/// <see cref="KratosTransformer"/>. Nothing passes to an address that is not known to be the public API.
/// </summary>
internal sealed class KratosGuard(
    RequestDelegate next,
    KratosOptions options,
    PublicApiCheck publicApi,
    CredentialReader credentials,
    SessionResolver sessions)
{
    /// <summary>A logout body holds one token; a longer one is refused.</summary>
    private const int MaxLogoutBody = 256 * 1024;

    public Task InvokeAsync(HttpContext context)
    {
        var path = PathOf(context);
        if (!KratosRoute.IsPublic(path)) return context.DenyAsync(Reason.NoRoute);
        return publicApi.IsConfirmed ? PassAsync(context, path) : ConfirmAsync(context);
    }

    private async Task ConfirmAsync(HttpContext context)
    {
        if (await publicApi.ConfirmAsync(context.RequestAborted))
            await PassAsync(context, PathOf(context));
        else
            await context.DenyAsync(Reason.IdentityProviderUnavailable);
    }

    /// <summary>The raw path behind the prefix.</summary>
    private ReadOnlySpan<char> PathOf(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.AsSpan(options.Path.Length);
        var query = target.IndexOf('?');
        return query >= 0 ? target[..query] : target;
    }

    private Task PassAsync(HttpContext context, ReadOnlySpan<char> path)
    {
        var kind = KratosCall.KindOf(context.Request.Method, path);
        return kind is KratosCallKind.Other ? ForwardAsync(context, new(kind, "")) : PrepareAsync(context, kind, path.ToString());
    }

    private async Task ForwardAsync(HttpContext context, KratosCall call)
    {
        context.Features.Set(call);
        await next(context);
        if (context.Response.StatusCode >= StatusCodes.Status500InternalServerError)
            publicApi.Doubt();
    }

    private async Task PrepareAsync(HttpContext context, KratosCallKind kind, string path)
    {
        SessionCredential? credential;
        if (kind is KratosCallKind.ApiLogout)
        {
            (var isRead, credential) = await ReadLogoutTokenAsync(context);
            if (!isRead)
            {
                await context.DenyAsync(Reason.RequestTooLarge);
                return;
            }
        }
        else
        {
            credential = credentials.Read(context.Request.Headers);
        }
        Caller? caller = null;
        var isRefused = false;
        if (credential is { } known && kind is not KratosCallKind.StartLogin)
        {
            var lookup = await sessions.ResolveAsync(known, context.Connection.RemoteIpAddress, context.RequestAborted);
            caller = lookup.Verdict.Caller;
            isRefused = lookup.Verdict.Outcome is SessionOutcome.Invalid;
            foreach (var cookie in lookup.SetCookies ?? [])
                context.Response.Headers.Append("Set-Cookie", cookie);
        }
        await ForwardAsync(context, new(kind, path, credential, caller, isRefused));
    }

    /// <summary>
    /// The token in <c>{"session_token":"…"}</c>, read from a copy of the body that Kratos gets whole. False: it is longer than
    /// what is kept for that, and no logout passes unheard.
    /// </summary>
    private static async Task<(bool IsRead, SessionCredential? Token)> ReadLogoutTokenAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.ContentLength is > MaxLogoutBody) return (false, null);
        var body = new MemoryStream();
        context.Response.RegisterForDispose(body);
        var part = new byte[4096];
        int length;
        while ((length = await request.Body.ReadAsync(part, context.RequestAborted)) > 0)
        {
            if (body.Length + length > MaxLogoutBody) return (false, null);
            body.Write(part, 0, length);
        }
        body.Position = 0;
        request.Body = body;
        return (true, SessionTokenJson.Submitted(body.GetBuffer().AsSpan(0, (int)body.Length), "session_token"));
    }
}
