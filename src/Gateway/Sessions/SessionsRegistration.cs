using Gateway.Decisions;
using Gateway.Sessions.Cache;
using Gateway.Sessions.Credentials;
using Gateway.Sessions.Revocations;

namespace Gateway.Sessions;

internal static class SessionsRegistration
{
    /// <param name="cookieName">The name of Kratos' session cookie.</param>
    public static void AddSessions(this IServiceCollection services, SessionCacheOptions options, string cookieName)
    {
        services.AddSingleton(options);
        services.AddSingleton(new CredentialReader(cookieName));
        services.AddSingleton<RecentCookies>();
        services.AddSingleton<CacheTrust>();
        services.AddSingleton<SessionCache>();
        services.AddSingleton<SessionRevocations>();
        services.AddSingleton<SessionMetrics>();
        services.AddSingleton<EntryLifetimes>();
        services.AddSingleton<CachedVerdicts>();
        services.AddSingleton<KnownCredentials>();
        services.AddSingleton<WhoamiCheck>();
        services.AddSingleton<WhoamiCaller>();
        services.AddSingleton<SessionJsonNeed>();
        services.AddSingleton<WhoamiVerdicts>();
        services.AddSingleton<SessionLookups>();
        services.AddSingleton<SessionResolver>();
    }
}
