using DevKratos.Core;

namespace DevKratos.ContractTests.Support;

/// <summary>
/// What the tests talk to: a DevKratos of their own on free ports, or the real Kratos that
/// <c>KRATOS_PUBLIC_URL</c> and <c>KRATOS_ADMIN_URL</c> name.
/// </summary>
internal sealed class KratosTarget : IAsyncDisposable
{
    private static readonly string? RealPublic = Environment.GetEnvironmentVariable("KRATOS_PUBLIC_URL");
    private static readonly string? RealAdmin = Environment.GetEnvironmentVariable("KRATOS_ADMIN_URL");

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        UseCookies = false,
        AllowAutoRedirect = false,
        UseProxy = false
    });

    private KratosTarget(Uri publicUrl, Uri adminUrl, DevKratosServer? server, ManualClock? clock) =>
        (PublicUrl, AdminUrl, Server, Clock) = (publicUrl, adminUrl, server, clock);

    public static bool IsReal => RealPublic is { Length: > 0 } && RealAdmin is { Length: > 0 };

    public Uri PublicUrl { get; }

    public Uri AdminUrl { get; }

    /// <summary>Null against a real Kratos: a test that needs it calls <see cref="SkipAgainstRealKratos"/>.</summary>
    public DevKratosServer? Server { get; }

    public ManualClock? Clock { get; }

    public static void SkipAgainstRealKratos(string reason) => Assert.SkipWhen(IsReal, reason);

    /// <summary>The variants are settings that a running Kratos cannot change, so they are tried on DevKratos only.</summary>
    public static async Task<KratosTarget> StartAsync(string? variant = null)
    {
        if (IsReal)
        {
            SkipAgainstRealKratosWhen(variant is not null, "needs another configuration of Kratos: " + variant);
            return new KratosTarget(new Uri(RealPublic!.TrimEnd('/') + "/"), new Uri(RealAdmin!.TrimEnd('/') + "/"), null, null);
        }

        var clock = new ManualClock();
        var options = new DevKratosOptions
        {
            PublicPort = 0,
            AdminPort = 0,
            UiPort = 0,
            PublicBaseUrl = null,
            UiBaseUrl = null,
            TimeProvider = clock,
            Environment = "Test"
        };
        options = variant switch
        {
            null or "clock" or "database_down" => options,
            "cacheable" => options with
            {
                CacheableSessions = true,
                CacheableSessionsMaxAge = TimeSpan.FromSeconds(30),
                SessionLifespan = TimeSpan.FromSeconds(60)
            },
            "highest_available" => options with { WhoamiRequiredAal = "highest_available" },
            "secure" => options with { SecureCookies = true },
            _ => throw new ArgumentException("Unknown variant " + variant, nameof(variant)),
        };
        var server = await DevKratosServer.StartAsync(options, TestContext.Current.CancellationToken);
        return new KratosTarget(server.PublicUrl, server.AdminUrl, server, clock);
    }

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) =>
        _http.SendAsync(request, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (Server is not null)
            await Server.DisposeAsync();
    }

    private static void SkipAgainstRealKratosWhen(bool condition, string reason) => Assert.SkipWhen(condition, reason);
}
