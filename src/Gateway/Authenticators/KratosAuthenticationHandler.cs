using Gateway.Decisions;
using Microsoft.AspNetCore.Authentication;

namespace Gateway.Authenticators;

/// <summary>
/// The Kratos session as an ASP.NET Core authentication scheme, for whatever reads <c>HttpContext.User</c> or calls
/// <c>AuthenticateAsync("Kratos")</c>. The guard does not come this way: what it found is used here.
/// </summary>
internal sealed class KratosAuthenticationHandler(KratosAuthenticator kratos) : IAuthenticationHandler
{
    /// <summary>The scheme's name.</summary>
    public const string Scheme = "Kratos";

    private HttpContext _context = null!;

    public Task InitializeAsync(AuthenticationScheme scheme, HttpContext context)
    {
        _context = context;
        return Task.CompletedTask;
    }

    public async Task<AuthenticateResult> AuthenticateAsync()
    {
        if (Caller.Of(_context) is null)
        {
            var found = await kratos.AuthenticateAsync(_context);
            foreach (var cookie in found.SetCookies ?? [])
                _context.Response.Headers.Append("Set-Cookie", cookie);
            if (found.Failure is Reason.NoSession) return AuthenticateResult.NoResult();
            if (found.Failure is { } failure) return AuthenticateResult.Fail(failure.Name());
            CallerFeature.Set(_context, found.Caller!);
        }
        return AuthenticateResult.Success(new(_context.User, Scheme));
    }

    /// <summary>Refused for want of a session; behind <c>RequestBoundary</c> with the same answer as any route's.</summary>
    public Task ChallengeAsync(AuthenticationProperties? properties) =>
        RefuseAsync(StatusCodes.Status401Unauthorized, Reason.NoSession);

    public Task ForbidAsync(AuthenticationProperties? properties) =>
        RefuseAsync(StatusCodes.Status403Forbidden, Reason.Forbidden);

    private Task RefuseAsync(int status, Reason reason)
    {
        _context.Response.StatusCode = status;
        return _context.DenyAsync(reason);
    }
}
