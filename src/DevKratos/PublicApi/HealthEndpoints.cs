using DevKratos.Core;
using DevKratos.Wire;

namespace DevKratos.PublicApi;

/// <summary>Liveness, readiness and version; the first two on both ports.</summary>
internal sealed class HealthEndpoints(KratosCore core)
{
    public void Map(IEndpointRouteBuilder routes, string prefix = "")
    {
        routes.MapRead(prefix + "/health/alive", context => OkAsync(context, "status", "ok"));
        routes.MapRead(prefix + "/health/ready", ReadyAsync);
    }

    public static void MapVersion(IEndpointRouteBuilder routes) =>
        routes.MapRead("/version", context => OkAsync(context, "version", "v26.2.0"));

    private Task ReadyAsync(HttpContext context)
    {
        core.Faults.CountReady();
        return core.Faults.DatabaseDown ? Answers.ErrorAsync(context, KratosError.NotReady) : OkAsync(context, "status", "ok");
    }

    private static Task OkAsync(HttpContext context, string name, string value) =>
        Answers.OkAsync(context, json =>
    {
        json.WriteStartObject();
        json.WriteString(name, value);
        json.WriteEndObject();
    });
}
