using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Options;

namespace Gateway.Traffic.Cors;

/// <summary>
/// ASP.NET Core's own answers, with one <c>Vary: Origin</c> wherever the answer depends on the origin: the framework leaves it
/// out for an origin that is not allowed, and says it twice where the service does.
/// </summary>
internal sealed class CorsAnswers(IOptions<CorsOptions> options, ILoggerFactory loggers) : CorsService(options, loggers)
{
    public override void ApplyResult(CorsResult result, HttpResponse response)
    {
        result.VaryByOrigin = false;
        base.ApplyResult(result, response);
        RouteCors.Of(response.HttpContext)?.AddVary(response.Headers);
    }
}
