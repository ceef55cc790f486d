using System.Buffers.Text;
using System.Globalization;
using System.Text;
using DevKratos.Core;
using DevKratos.PublicApi;
using DevKratos.State;
using DevKratos.Wire;
using Microsoft.Extensions.Primitives;

namespace DevKratos.AdminApi;

/// <summary>Sessions for administrators: list, get, revoke, extend, and all sessions of one identity.</summary>
internal sealed class AdminSessionEndpoints(KratosCore core)
{
    public void Map(IEndpointRouteBuilder routes, string prefix)
    {
        routes.MapGet(prefix + "/sessions", ListAsync);
        routes.Map(prefix + "/sessions/whoami", context =>
            Answers.RedirectAsync(context, core.Public("sessions/whoami"), StatusCodes.Status307TemporaryRedirect));
        routes.MapGet(prefix + "/sessions/{id}", GetAsync);
        routes.MapDelete(prefix + "/sessions/{id}", RevokeAsync);
        routes.MapPatch(prefix + "/sessions/{id}/extend", ExtendAsync);
        routes.MapGet(prefix + "/identities/{id}/sessions", ListOfAsync);
        routes.MapDelete(prefix + "/identities/{id}/sessions", DeleteOfAsync);
    }

    private Task ListAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var size = int.TryParse(query["page_size"], NumberStyles.None, CultureInfo.InvariantCulture, out var asked) && asked > 0
            ? asked
            : 250;
        var all = Filter(core.Store.Sessions(), query["active"]);
        if (Cursor(query["page_token"]) is { } after)
            all = [.. all.SkipWhile(s => s.Id != after).Skip(1)];
        var page = all.Take(size).ToList();

        List<string> links = [Link(Guid.Empty, "2200-12-31 23:59:59", "first")];
        if (page.Count < all.Count)
            links.Add(Link(
                page[^1].Id, page[^1].IssuedAt.ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture), "next"));
        context.Response.Headers.Link = string.Join(',', links);
        var (identities, devices) = (Expands(context, "identity"), Expands(context, "devices"));
        return ArrayAsync(context, page, IdentityView.InSessionList, identities, devices, devicesNull: !devices);

        string Link(Guid id, string createdAt, string relation)
        {
            var token = Base64Url.EncodeToString(Encoding.ASCII.GetBytes($"id={id}/created_at={createdAt}"));
            var others = string.Concat(query.Where(q => q.Key is not ("page_size" or "page_token")).SelectMany(q =>
                q.Value.Select(v => $"{q.Key}={Uri.EscapeDataString(v ?? "")}&")));
            return string.Create(
                CultureInfo.InvariantCulture,
                $"</admin/sessions?{others}page_size={size}&page_token={token}>; rel=\"{relation}\"");
        }
    }

    private Task GetAsync(HttpContext context, string id)
    {
        if (Refuse(context, id, out var session) is { } refusal) return refusal;
        var active = core.Store.IsActive(session, out var identity);
        var shown = Expands(context, "identity") ? identity : null;
        return Answers.OkAsync(
            context, json => core.Sessions.Write(json, session, shown, active, devices: Expands(context, "devices")));
    }

    private Task RevokeAsync(HttpContext context, string id)
    {
        if (Refuse(context, id, out var session) is { } refusal) return refusal;
        core.Store.Update(session.Id, s => s with { Revoked = true });
        return Answers.NoContentAsync(context, withType: true);
    }

    private Task ExtendAsync(HttpContext context, string id)
    {
        if (Refuse(context, id, out var session) is { } refusal) return refusal;
        var extended = core.Store.Update(session.Id, s => s with { ExpiresAt = core.Now + core.Options.SessionLifespan })!;
        var active = core.Store.IsActive(extended, out var identity);
        return Answers.OkAsync(context, json => core.Sessions.Write(json, extended, identity, active, devices: false));
    }

    private Task ListOfAsync(HttpContext context, string id)
    {
        if (!Guid.TryParse(id, out var key)) return Answers.ErrorAsync(context, KratosError.NotFound);
        var all = Filter(core.Store.SessionsOf(key), context.Request.Query["active"]);
        var page = Pagination.Page(context, $"/admin/identities/{key}/sessions", all);
        return ArrayAsync(
            context, page, IdentityView.InSessionList, identities: true, devices: true, devicesNull: false, schemaUrl: "");
    }

    private Task DeleteOfAsync(HttpContext context, string id) =>
        Guid.TryParse(id, out var key) && core.Store.RemoveSessionsOf(key) > 0
        ? Answers.NoContentAsync(context)
        : Answers.ErrorAsync(context, KratosError.NotFound);

    private Task ArrayAsync(
        HttpContext context,
        IReadOnlyList<Session> sessions,
        IdentityView view,
        bool identities,
        bool devices,
        bool devicesNull,
        string? schemaUrl = null) =>
        Answers.OkAsync(context, json =>
        {
            json.WriteStartArray();
            foreach (var session in sessions)
            {
                var active = core.Store.IsActive(session, out var identity);
                core.Sessions.Write(json, session, identities ? identity : null, active, view, devices, devicesNull, schemaUrl);
            }

            json.WriteEndArray();
        });

    private IReadOnlyList<Session> Filter(IReadOnlyList<Session> sessions, StringValues active) => active.ToString() switch
    {
        "true" => [.. sessions.Where(s => core.Store.IsActive(s, out _))],
        "false" => [.. sessions.Where(s => !core.Store.IsActive(s, out _))],
        _ => sessions,
    };

    private static bool Expands(HttpContext context, string what) =>
        context.Request.Query["expand"].Any(e => string.Equals(e, what, StringComparison.OrdinalIgnoreCase));

    private static Guid? Cursor(string? token)
    {
        if (string.IsNullOrEmpty(token) || !Base64Url.IsValid(token)) return null;
        var text = Encoding.ASCII.GetString(Base64Url.DecodeFromChars(token));
        return text.Length > 39 && Guid.TryParse(text.AsSpan(3, 36), out var id) && id != Guid.Empty ? id : null;
    }

    /// <summary>Null for the id of a session.</summary>
    private Task? Refuse(HttpContext context, string id, out Session session)
    {
        session = null!;
        if (!Guid.TryParse(id, out var key))
            return Answers.ErrorAsync(context, KratosError.BadRequest("could not parse session id"));
        session = core.Store.FindSession(key)!;
        return session is null ? Answers.ErrorAsync(context, KratosError.NotFound) : null;
    }
}
