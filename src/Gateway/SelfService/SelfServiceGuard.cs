using Gateway.Decisions;

namespace Gateway.SelfService;

/// <summary>
/// Around the UI's route. Keeps the UI's pages that are not for the public away: <see cref="SelfServiceRoute.Blocked"/> are
/// 404.
/// </summary>
internal sealed class SelfServiceGuard(RequestDelegate next, SelfServiceOptions options)
{
    private readonly PathString[] _blocked =
        [.. SelfServiceRoute.Blocked.Select(page => new PathString($"{options.Path}/{page}"))];

    public Task InvokeAsync(HttpContext context)
    {
        foreach (var page in _blocked)
            if (context.Request.Path.StartsWithSegments(page, StringComparison.OrdinalIgnoreCase))
                return context.DenyAsync(Reason.NoRoute);
        return next(context);
    }
}
