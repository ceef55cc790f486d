using System.Globalization;
using System.Text.Json;
using DevKratos.Core;
using DevKratos.PublicApi;
using DevKratos.State;
using DevKratos.Wire;

namespace DevKratos.AdminApi;

/// <summary>
/// Identities for administrators: list, get, create, patch, delete. With and without the <c>/admin</c> prefix, as on Kratos'
/// admin port.
/// </summary>
internal sealed class IdentityEndpoints(KratosCore core)
{
    private static readonly DateTime Unknown = DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Utc);

    public void Map(IEndpointRouteBuilder routes, string prefix)
    {
        routes.MapGet(prefix + "/identities", ListAsync);
        routes.MapPost(prefix + "/identities", CreateAsync);
        routes.MapGet(prefix + "/identities/{id}", GetAsync);
        routes.MapPatch(prefix + "/identities/{id}", PatchAsync);
        routes.MapDelete(prefix + "/identities/{id}", DeleteAsync);
    }

    private Task ListAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var size = int.TryParse(query["page_size"], NumberStyles.None, CultureInfo.InvariantCulture, out var asked) && asked > 0
            ? asked
            : 250;
        var all = core.Store.Identities();
        if (query["credentials_identifier"].ToString() is { Length: > 0 } identifier)
            all = [.. all.Where(i => string.Equals(i.Identifier, identifier.Trim(), StringComparison.OrdinalIgnoreCase))];
        if (Guid.TryParse(query["page_token"], out var after) && after != Guid.Empty)
            all = [.. all.SkipWhile(i => i.Id != after).Skip(1)];
        var page = all.Take(size).ToList();

        List<string> links = [Link(Guid.Empty, "first")];
        if (page.Count < all.Count)
            links.Add(Link(page[^1].Id, "next"));
        context.Response.Headers.Link = string.Join(',', links);
        return Answers.OkAsync(context, json =>
        {
            json.WriteStartArray();
            foreach (var identity in page)
                core.Sessions.Write(json, identity, IdentityView.AdminList);
            json.WriteEndArray();
        });

        string Link(Guid token, string relation) =>
            string.Create(
                CultureInfo.InvariantCulture, $"</admin/identities?page_size={size}&page_token={token}>; rel=\"{relation}\"");
    }

    private Task GetAsync(HttpContext context, string id) =>
        Find(id) is { } identity
            ? OneAsync(context, StatusCodes.Status200OK, identity)
            : Answers.ErrorAsync(context, KratosError.NotFound);

    private async Task CreateAsync(HttpContext context) => await Create(context, await JsonBody.ReadAsync(context));

    private Task Create(HttpContext context, JsonElement? sent)
    {
        if (sent is not { ValueKind: JsonValueKind.Object } body)
            return Answers.ErrorAsync(context, KratosError.BadRequest("Unable to decode the request body as a JSON object."));

        var traits = body.Member("traits") ?? JsonText.Element("{}");
        var known = body.Member("schema_id")?.ValueEquals(TraitsSchema.Id) ?? true;
        if ((known
            ? TraitsSchema.Complaint(traits)
            : $"the schema \"{body.Member("schema_id")}\" does not exist") is { } complaint)
            return Answers.ErrorAsync(context, KratosError.BadRequest(complaint));

        var password = body.Member("credentials")?.Member("password")?.Member("config")?.Member("password")?.GetString();
        var identity = NewIdentity.From(
            core.Now, traits, password, "pending", body.Member("metadata_public"), body.Member("metadata_admin"));
        if (body.Member("state") is { ValueKind: JsonValueKind.String } state)
            identity = identity with { State = state.GetString()! };
        if (body.Member("verifiable_addresses") is { ValueKind: JsonValueKind.Array } addresses
            && addresses.EnumerateArray().Any(a => a.Member("verified") is { ValueKind: JsonValueKind.True }))
            identity = identity with
            {
                VerifiableAddresses = VerificationEndpoints.Verified(identity.VerifiableAddresses, core.Now)
            };

        if (!core.Store.TryAdd(identity))
            return Answers.ErrorAsync(context, KratosError.Conflict);

        context.Response.Headers.Location = new Uri(core.AdminBase, $"identities/{identity.Id}").AbsoluteUri;
        // Kratos answers before the credential's times are known.
        return OneAsync(
            context,
            StatusCodes.Status201Created,
            identity with
            {
                Password = identity.Password is null ? null : identity.Password with { CreatedAt = Unknown, UpdatedAt = Unknown }
            });
    }

    private async Task PatchAsync(HttpContext context, string id) => await Patch(context, id, await JsonBody.ReadAsync(context));

    private Task Patch(HttpContext context, string id, JsonElement? patch)
    {
        if (Find(id) is not { } identity) return Answers.ErrorAsync(context, KratosError.NotFound);
        var (changed, complaint) = IdentityPatch.Apply(identity, patch, core.Now);
        complaint ??= TraitsSchema.Complaint(changed!.Traits);
        if (complaint is not null) return Answers.ErrorAsync(context, KratosError.BadRequest(complaint));
        var saved = core.Store.Update(identity.Id, _ => changed!);
        if (saved is null) return Answers.ErrorAsync(context, KratosError.NotFound);
        return saved.Identifier == changed!.Identifier
            ? OneAsync(context, StatusCodes.Status200OK, saved)
            : Answers.ErrorAsync(context, KratosError.Conflict);
    }

    private Task DeleteAsync(HttpContext context, string id) => Guid.TryParse(id, out var key) && core.Store.RemoveIdentity(key)
        ? Answers.NoContentAsync(context)
        : Answers.ErrorAsync(context, KratosError.NotFound);

    private Identity? Find(string id) => Guid.TryParse(id, out var key) ? core.Store.FindIdentity(key) : null;

    private Task OneAsync(HttpContext context, int status, Identity identity) =>
        Answers.JsonAsync(context, status, json => core.Sessions.Write(json, identity, IdentityView.AdminOne));
}
