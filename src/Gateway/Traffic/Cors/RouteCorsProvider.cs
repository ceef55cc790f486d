using Microsoft.AspNetCore.Cors.Infrastructure;

namespace Gateway.Traffic.Cors;

/// <summary>
/// The policy of the matched route, for ASP.NET Core's CORS middleware. The framework's own policies are fixed at start;
/// these ride on the routes, and so reload with them.
/// </summary>
internal sealed class RouteCorsProvider : ICorsPolicyProvider
{
    private static readonly Task<CorsPolicy?> None = Task.FromResult<CorsPolicy?>(null);

    public Task<CorsPolicy?> GetPolicyAsync(HttpContext context, string? policyName) => RouteCors.Of(context)?.Policy ?? None;
}
