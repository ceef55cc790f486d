using System.Collections.Concurrent;
using System.Net.Http.Headers;
using Gateway.Telemetry;
using Yarp.ReverseProxy.Model;

namespace Gateway.Forwarding;

/// <summary>Says, once for a route and header, that somebody's value was not sent. Never the value.</summary>
internal sealed partial class UnsentValues(ILogger<UnsentValues> logger)
{
    private readonly ConcurrentDictionary<(string Route, string Header), bool> _said = new();

    /// <summary>Adds a value as <see cref="HeaderValue.Of"/> has made it, or reports that it cannot be sent.</summary>
    /// <param name="unsent">Null: nobody is told.</param>
    public static void AddOrReport(
        HttpRequestHeaders headers, string name, string? value, HttpContext context, UnsentValues? unsent)
    {
        if (value is null) return;
        if (ReferenceEquals(value, HeaderValue.Unsendable))
            unsent?.Report(context, name);
        else
            headers.TryAddWithoutValidation(name, value);
    }

    private void Report(HttpContext context, string header)
    {
        // Without it, the request is one that explain only asks about.
        if (context.Features.Get<IReverseProxyFeature>() is not { } proxy) return;
        var route = proxy.Route.Config.RouteId;
        if (_said.TryAdd((route, header), true))
            LogUnsent(logger, header, route);
    }

    [LoggerMessage(
        EventIds.ValueNotSent,
        LogLevel.Warning,
        "{Header} is not sent to the service of route {Route} for a caller whose value it cannot carry exactly (control "
            + "characters, blanks around it, over 4096 characters): see Forwarding:OnUnsendableValue. Said once")]
    private static partial void LogUnsent(ILogger logger, string header, string route);
}
