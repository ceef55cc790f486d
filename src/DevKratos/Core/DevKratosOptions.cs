using System.Net;

namespace DevKratos.Core;

/// <summary>How the stand-in behaves. Every default is what the gateway's local runs need; port 0 takes a free port.</summary>
public sealed record DevKratosOptions
{
    public int PublicPort { get; init; } = 4433;

    public int AdminPort { get; init; } = 4434;

    public int UiPort { get; init; } = 4455;

    /// <summary>
    /// The address all three listen on. In a container it has to be every address, because loopback is the container's own.
    /// </summary>
    public IPAddress Listen { get; init; } = IPAddress.Loopback;

    /// <summary>
    /// Kratos' <c>serve.public.base_url</c>: the address browsers use, prefix included. Null means the public listener's own
    /// address.
    /// </summary>
    public Uri? PublicBaseUrl { get; init; } = new("http://127.0.0.1:8000/kratos/");

    /// <summary>The browser-facing base of the pages. Null means the pages' own listener with <c>/auth</c>.</summary>
    public Uri? UiBaseUrl { get; init; } = new("http://127.0.0.1:8000/auth");

    public TimeSpan SessionLifespan { get; init; } = TimeSpan.FromHours(24);

    /// <summary><c>aal1</c>, or <c>highest_available</c>: then whoami refuses a session that could be stepped up.</summary>
    public string WhoamiRequiredAal { get; init; } = "aal1";

    /// <summary>Kratos' <c>feature_flags.cacheable_sessions</c>: whoami answers with <c>Ory-Session-Cache-For</c>.</summary>
    public bool CacheableSessions { get; init; }

    public TimeSpan CacheableSessionsMaxAge { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Puts <c>Secure</c> on the cookies. Off, like Kratos' <c>--dev</c>, because local runs are plain HTTP.</summary>
    public bool SecureCookies { get; init; }

    /// <summary>How old a login may be before settings ask for it again.</summary>
    public TimeSpan PrivilegedSessionMaxAge { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Kratos' <c>revoke_active_sessions</c> hook: a changed password ends the person's other sessions.</summary>
    public bool RevokeSessionsOnPasswordChange { get; init; } = true;

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>One line per flow and sign-in on the console.</summary>
    public bool LogToConsole { get; init; }

    /// <summary>
    /// Named explicitly, <c>Production</c> stops the start. Null reads DOTNET_ENVIRONMENT and ASPNETCORE_ENVIRONMENT.
    /// </summary>
    public string? Environment { get; init; }
}
