namespace Bench.BareYarp;

/// <summary>
/// The base of every ratio: YARP as its getting-started page has it, one catch-all route to one destination, nothing else added.
/// Logging is off, which makes the base cheaper and the comparison harder; <c>--console-log true</c> is the web template's
/// console logging instead.
/// </summary>
public static class Program
{
    public static Task Main(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        if (!builder.Configuration.GetValue("console-log", false))
            builder.Logging.ClearProviders();
        builder.Services.AddReverseProxy().LoadFromConfig(builder.Configuration.GetSection("ReverseProxy"));
        var app = builder.Build();
        app.MapReverseProxy();
        return app.RunAsync();
    }
}
