using DevKratos.Core;
using DevKratos.Wire;

namespace DevKratos.PublicApi;

/// <summary>Liveness, readiness and version; the first two on both ports.</summary>
internal sealed class HealthEndpoints(KratosCore core)
{
    public void Map(IEndpointRouteBuilder routes, string prefix = "")
    {
        routes.MapMethods(prefix + "/health/alive", ["GET", "HEAD"], context => OkAsync(context, "status", "ok"));
        routes.MapMethods(prefix + "/health/ready", ["GET", "HEAD"], ReadyAsync);
    }

    public static void MapVersion(IEndpointRouteBuilder routes) =>
        routes.MapMethods("/version", ["GET", "HEAD"], context => OkAsync(context, "version", "v26.2.0"));

    private Task ReadyAsync(HttpContext context)
    {
        core.Faults.CountReady();
        return core.Faults.DatabaseDown ? Answers.ErrorAsync(context, KratosError.NotReady) : OkAsync(context, "status", "ok");
    }

    private static Task OkAsync(HttpContext context, string name, string value) =>
        Answers.JsonAsync(context, StatusCodes.Status200OK, json =>
    {
        json.WriteStartObject();
        json.WriteString(name, value);
        json.WriteEndObject();
    });
}
