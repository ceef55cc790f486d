using System.Diagnostics.CodeAnalysis;
using Gateway.Configuration;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.Options;

namespace Gateway.Routes;

/// <summary>
/// Constraints of a path, such as <c>{id:int}</c>. YARP looks at the pattern only; routing looks them up when it builds its
/// matcher.
/// </summary>
internal sealed class PathConstraints(ParameterPolicyFactory factory, IOptions<RouteOptions> options)
{
    public IEnumerable<string> Problems(RoutePattern path) =>
        from parameter in path.Parameters
        from policy in parameter.ParameterPolicies
        let problem = ProblemOf(parameter, policy)
        where problem is not null
        select problem;

    [SuppressMessage("Design", "CA1031", Justification = "What is thrown here would be thrown in the running proxy.")]
    private string? ProblemOf(RoutePatternParameterPart parameter, RoutePatternParameterPolicyReference policy)
    {
        var name = (policy.Content ?? "").Split('(')[0];
        var known = options.Value.ConstraintMap.Keys;
        if (!known.Contains(name, StringComparer.OrdinalIgnoreCase))
            return $"has the constraint {name}, which there is not{Suggestion.For(name, known)}";
        try
        {
            // A regular expression is read when it is first asked.
            var constraint = factory.Create(parameter, policy) as IRouteConstraint;
            constraint?.Match(null, null, parameter.Name, new() { [parameter.Name] = "x" }, RouteDirection.IncomingRequest);
            return null;
        }
        catch (Exception e)
        {
            return $"has the constraint {policy.Content}, which cannot be read: {e.GetBaseException().Message}";
        }
    }
}
