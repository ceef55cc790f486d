using DevKratos.AdminApi;
using DevKratos.Core;
using DevKratos.Pages;
using DevKratos.PublicApi;

namespace DevKratos;

/// <summary>Puts the three listeners together: public API, admin API, pages.</summary>
internal static class Listeners
{
    public static WebApplication Public(KratosCore core, int port)
    {
        var app = Empty(core, port);
        var (csrf, callers, returnTo, answers, signIns) =
            (new Csrf(core), new Callers(core), new ReturnTo(core), new Answers(core), new SignIns(core));
        var (starts, gate) = (new FlowStarts(core, answers, csrf, returnTo), new FlowGate(core, answers, csrf));
        var verification = new VerificationEndpoints(core, answers, csrf, starts, gate);
        var login = new LoginSubmit(core, answers, csrf, callers, returnTo, signIns);
        var registration = new RegistrationSubmit(core, answers, csrf, returnTo, signIns, verification);
        var settings = new SettingsSubmit(core, answers, csrf, returnTo, signIns);

        app.UsePublicSurroundings(csrf);
        app.UseRouting();
        app.UseExactPaths();
        new WhoamiEndpoint(core, callers, signIns).Map(app);
        new SessionEndpoints(core, callers).Map(app);
        new LoginEndpoints(callers, starts, gate, login).Map(app);
        new RegistrationEndpoints(callers, starts, gate, registration).Map(app);
        new LogoutEndpoints(core, answers, csrf, callers, returnTo, signIns).Map(app);
        new SettingsEndpoints(core, answers, callers, starts, gate, settings).Map(app);
        verification.Map(app);
        new HealthEndpoints(core).Map(app);
        new OtherEndpoints(core).Map(app);
        return app;
    }

    public static WebApplication Admin(KratosCore core, int port)
    {
        var app = Empty(core, port);
        app.UseAdminSurroundings();
        app.UseRouting();
        app.UseExactPaths();
        foreach (var prefix in (string[])["/admin", ""])
        {
            new IdentityEndpoints(core).Map(app, prefix);
            new AdminSessionEndpoints(core).Map(app, prefix);
            new HealthEndpoints(core).Map(app, prefix);
        }

        HealthEndpoints.MapVersion(app);
        return app;
    }

    public static WebApplication Ui(KratosCore core, int port, Func<Uri> publicUrl)
    {
        var app = Empty(core, port);
        app.UseRouting();
        var kratos = new KratosClient(publicUrl);
        app.Lifetime.ApplicationStopped.Register(kratos.Dispose);
        new PageEndpoints(core, kratos).Map(app);
        return app;
    }

    private static WebApplication Empty(KratosCore core, int port)
    {
        // The empty builder reads no configuration of the process that hosts it: neither its URLs nor its appsettings.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ApplicationName = "DevKratos",
            EnvironmentName = "Development"
        });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(core.Options.Listen, port);
        });
        builder.Services.AddRouting();
        if (core.Options.LogToConsole)
            builder.Logging.AddSimpleConsole(console => console.SingleLine = true)
                .SetMinimumLevel(LogLevel.Warning)
                .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        return builder.Build();
    }
}
