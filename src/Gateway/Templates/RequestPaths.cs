using System.Globalization;
using Gateway.Network;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Templates;

/// <summary><c>request.…</c>: the request as it came.</summary>
internal sealed record RequestPath(string[] Names) : TemplatePath(Names)
{
    private const string Headers = "headers";
    private const string Query = "query";

    /// <summary>Their values open something; a template would hand them on.</summary>
    private static readonly string[] Credentials =
        ["Cookie", "Authorization", "Proxy-Authorization", "X-Session-Token", "X-Identity-Token"];

    private static readonly Dictionary<string, Func<HttpContext, string?>> Known = new(StringComparer.Ordinal)
    {
        ["method"] = http => http.Request.Method,
        ["path"] = http => http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?')[0],
        ["host"] = http => http.Request.Headers.Host,
        ["scheme"] = http => http.Request.Scheme,
        ["client"] = ClientAddress.Of,
        ["id"] = http => http.TraceIdentifier,
    };

    public override bool NeedsRequest => true;

    public override TemplateValue Value(in TemplateContext context)
    {
        if (context.Http is not { } http) return TemplateValue.None;
        return TemplateValue.Of(Names[0] switch
        {
            Headers => http.Request.Headers[Names[1]].ToString(),
            Query => http.Request.Query[Names[1]].ToString(),
            var name => Known[name](http),
        });
    }

    public override string? Problem()
    {
        if (Names is not [Headers or Query, ..])
            return TemplateRoots.OneOf("request", Names, [.. Known.Keys, Headers, Query]);
        if (Names.Length != 2) return $"takes one name behind request.{Names[0]}, such as {{request.{Names[0]}.name}}";
        return Names[0] is Headers && Credentials.Contains(Names[1], StringComparer.OrdinalIgnoreCase)
            ? $"would hand on the credential in {Names[1]}: take what you need of {{caller.…}}, {{identity.…}} or {{session.…}}"
            : null;
    }
}

/// <summary><c>route.name</c>: a parameter of the route's path.</summary>
internal sealed record RoutePath(string[] Names) : TemplatePath(Names)
{
    public override bool NeedsRequest => true;

    public override TemplateValue Value(in TemplateContext context) => Parameter(context.Http, Names[0]);

    public override string? Problem() =>
        Names.Length == 1 ? null : "needs one name behind route, that of a parameter of the route's path";

    public static TemplateValue Parameter(HttpContext? http, string name)
    {
        var value = http?.Request.RouteValues.GetValueOrDefault(name);
        return TemplateValue.Of(value as string ?? (value as IFormattable)?.ToString(null, CultureInfo.InvariantCulture));
    }
}

/// <summary><c>match.0</c>: what the first parameter of the route's path captured, and so on.</summary>
internal sealed record MatchPath(string[] Names) : TemplatePath(Names)
{
    private int Index => int.Parse(Names[0], NumberStyles.None, CultureInfo.InvariantCulture);

    public override bool NeedsRequest => true;

    public override TemplateValue Value(in TemplateContext context)
    {
        if (context.Http?.GetEndpoint() is not RouteEndpoint endpoint) return TemplateValue.None;
        var parameters = endpoint.RoutePattern.Parameters;
        return Index < parameters.Count ? RoutePath.Parameter(context.Http, parameters[Index].Name) : TemplateValue.None;
    }

    public override string? Problem() =>
        Names is [{ Length: < 4 } index] && index.All(char.IsAsciiDigit) && index.Length > 0
            ? null
            : "needs a number behind match, from 0 on: {match.0} is what the first parameter of the route's path captured";
}
