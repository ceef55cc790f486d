using DevKratos.Core;
using DevKratos.State;
using DevKratos.Wire;

namespace DevKratos.PublicApi;

/// <summary>Schemas, error details and the redirect of admin paths.</summary>
internal sealed class OtherEndpoints(KratosCore core)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapRead("/schemas", SchemasAsync);
        routes.MapMethods("/schemas/{id}", ["GET", "HEAD"], SchemaAsync);
        routes.MapRead("/self-service/errors", ErrorAsync);
        routes.Map("/admin/{**rest:minlength(1)}", RedirectToAdmin);
        routes.Map("/identities/{**rest}", RedirectToAdmin);
    }

    private Task SchemasAsync(HttpContext context)
    {
        var schemas = Pagination.Page(context, "/schemas", [TraitsSchema.Text]);
        return Answers.OkAsync(context, json =>
        {
            json.WriteStartArray();
            foreach (var schema in schemas)
            {
                json.WriteStartObject();
                json.WriteString("id", TraitsSchema.Id);
                json.WritePropertyName("schema");
                json.WriteRawValue(schema);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }

    private Task SchemaAsync(HttpContext context, string id) => id is TraitsSchema.Id or TraitsSchema.UrlPart
        ? Answers.OkAsync(context, json => json.WriteRawValue(TraitsSchema.Text))
        : Answers.ErrorAsync(context, KratosError.NotFound);

    private Task ErrorAsync(HttpContext context)
    {
        if (core.Faults.NoQueries) return Answers.ErrorAsync(context, KratosError.DatabaseGone);
        var id = context.Request.Query["id"].ToString();
        var at = default(DateTime);
        KratosError? stub = null;
        System.Text.Json.JsonElement stored = default;
        if (id == "stub:500")
            stub = new KratosError(
                500, "An internal server error occurred, please contact the system administrator", "This is a stub error.");
        else if (Guid.TryParse(id, out var key) && core.Store.FindError(key) is { } found)
            (stored, at) = found;
        else
            return Answers.ErrorAsync(context, KratosError.NotFound);

        return Answers.OkAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteString("id", stub is null ? id : Guid.NewGuid().ToString());
            json.WritePropertyName("error");
            if (stub is not null)
                stub.WriteInner(json);
            else
                stored.WriteTo(json);
            json.WriteString("created_at", DateTime.SpecifyKind(at, DateTimeKind.Utc));
            json.WriteString("updated_at", DateTime.SpecifyKind(at, DateTimeKind.Utc));
            json.WriteEndObject();
        });
    }

    /// <summary>Kratos tells anyone its admin address; a gateway in front must not let this out.</summary>
    private Task RedirectToAdmin(HttpContext context)
    {
        var path = context.Request.Path.Value!.TrimStart('/');
        if (!path.StartsWith("admin", StringComparison.Ordinal))
            path = "admin/" + path;
        return Answers.RedirectAsync(
            context,
            new Uri(core.AdminBase, path + context.Request.QueryString).AbsoluteUri,
            StatusCodes.Status307TemporaryRedirect);
    }
}
