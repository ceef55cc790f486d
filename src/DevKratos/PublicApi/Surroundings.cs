using Microsoft.AspNetCore.Routing.Patterns;

namespace DevKratos.PublicApi;

/// <summary>
/// What Kratos' router does around every answer: clean paths, caching and <c>Vary</c> headers, plain texts for 404 and 405.
/// </summary>
internal static class Surroundings
{
    private static readonly string[] Kinds = ["login", "registration", "settings", "recovery", "verification"];

    public static void UsePublicSurroundings(this IApplicationBuilder app, Csrf csrf) => app.Use((context, next) =>
    {
        var path = context.Request.Path.Value ?? "/";
        context.Response.Headers.Append("Vary", "Origin");
        if (!IsPlain(path))
        {
            context.Response.Headers.Append("Vary", "Cookie");
            if (!IsExempt(path) && csrf.Refuse(context) is { } refusal) return refusal;
        }

        return RunAsync(context, path, next);
    });

    public static void UseAdminSurroundings(this IApplicationBuilder app) =>
        app.Use((context, next) => RunAsync(context, context.Request.Path.Value ?? "/", next));

    public static void MapRead(this IEndpointRouteBuilder routes, string pattern, RequestDelegate answer) =>
        routes.MapMethods(pattern, ["GET", "HEAD"], answer);

    /// <summary>Routing in ASP.NET Core ignores case and a trailing slash; Kratos' does not.</summary>
    public static void UseExactPaths(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.GetEndpoint() is RouteEndpoint endpoint && !Fits(endpoint.RoutePattern, context.Request.Path.Value!))
            context.SetEndpoint(null);
        return next(context);
    });

    private static async Task RunAsync(HttpContext context, string path, RequestDelegate next)
    {
        if (HttpMethods.IsGet(context.Request.Method))
            context.Response.Headers.CacheControl = "private, no-cache, no-store, must-revalidate";
        if (path.Contains("//", StringComparison.Ordinal))
        {
            var clean = "/" + string.Join('/', path.Split('/', StringSplitOptions.RemoveEmptyEntries));
            await Answers.RedirectAsync(context, clean + context.Request.QueryString, StatusCodes.Status307TemporaryRedirect);
            return;
        }

        await next(context);
        if (context.Response.HasStarted || context.Response.ContentType is not null || context.Response.ContentLength is not null)
            return;
        if (context.Response.StatusCode == StatusCodes.Status404NotFound)
            await Answers.TextAsync(context, StatusCodes.Status404NotFound, "404 page not found");
        else if (context.Response.StatusCode == StatusCodes.Status405MethodNotAllowed)
            await Answers.TextAsync(context, StatusCodes.Status405MethodNotAllowed, "Method Not Allowed");
    }

    private static bool IsPlain(string path) => path is "/version" or "/health/alive" or "/health/ready";

    /// <summary>Paths that never set the anti-CSRF cookie: they are for programs, or check it themselves.</summary>
    private static bool IsExempt(string path) =>
        path == "/sessions" || path == "/self-service/logout/api"
        || path.StartsWith("/sessions/", StringComparison.Ordinal) || path.StartsWith("/schemas/", StringComparison.Ordinal)
        || path.StartsWith("/admin", StringComparison.Ordinal) || path.StartsWith("/identities", StringComparison.Ordinal)
        || Kinds.Any(kind => path == "/self-service/" + kind || path == $"/self-service/{kind}/api");

    private static bool Fits(RoutePattern pattern, string path)
    {
        if (path.Length > 1 && path.EndsWith('/')) return false;
        var sent = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < pattern.PathSegments.Count; i++)
        {
            if (pattern.PathSegments[i].Parts is [RoutePatternLiteralPart literal]
                && (i >= sent.Length || sent[i] != literal.Content))
                return false;
        }

        return true;
    }
}
