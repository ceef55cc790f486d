using System.Globalization;
using DevKratos.Core;
using DevKratos.State;
using DevKratos.Wire;

namespace DevKratos.PublicApi;

/// <summary>A person's own sessions: the list of the others, and ending them.</summary>
internal sealed class SessionEndpoints(KratosCore core, Callers callers)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/sessions", ListAsync);
        routes.MapDelete("/sessions", RevokeOthersAsync);
        routes.MapDelete("/sessions/{id}", RevokeOneAsync);
    }

    private Task ListAsync(HttpContext context)
    {
        if (Refuse(context, out var own, out var identity) is { } refusal) return refusal;
        var others = core.Store.SessionsOf(identity.Id).Where(s => s.Id != own.Id && core.Store.IsActive(s, out _)).ToList();
        var page = Pagination.Page(context, "/sessions", others);
        return Answers.OkAsync(context, json =>
        {
            json.WriteStartArray();
            foreach (var session in page)
                core.Sessions.Write(json, session, identity, active: true, IdentityView.InSessionList, schemaUrl: "");
            json.WriteEndArray();
        });
    }

    private Task RevokeOthersAsync(HttpContext context)
    {
        if (Refuse(context, out var own, out var identity) is { } refusal) return refusal;
        var count = core.Store.RevokeOthers(identity.Id, own.Id);
        return Answers.OkAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteNumber("count", count);
            json.WriteEndObject();
        });
    }

    private Task RevokeOneAsync(HttpContext context, string id)
    {
        if (Refuse(context, out var own, out var identity) is { } refusal) return refusal;
        if (!Guid.TryParse(id, out var key))
        {
            var complaint = id.Length == 36
                ? $"uuid: incorrect UUID format in string \"{id}\""
                : $"uuid: incorrect UUID length {id.Length.ToString(CultureInfo.InvariantCulture)} in string \"{id}\"";
            return Answers.ErrorAsync(context, new KratosError(400, complaint));
        }

        if (key == own.Id) return Answers.ErrorAsync(context, new KratosError(400, "cannot revoke current session"));
        if (core.Store.FindSession(key)?.IdentityId == identity.Id)
            core.Store.Update(key, s => s with { Revoked = true });
        return Answers.NoContentAsync(context, withType: true);
    }

    /// <summary>Null for a signed-in person; else the answer that says why not.</summary>
    private Task? Refuse(HttpContext context, out Session session, out Identity identity)
    {
        var caller = callers.Find(context.Request);
        (session, identity) = (caller.Session!, caller.Identity!);
        if (caller.Session is null) return Answers.ErrorAsync(context, KratosError.NoSessionCookie);
        return core.Options.WhoamiRequiredAal == "highest_available" && caller.CouldStepUp
            ? Answers.ErrorAsync(context, KratosError.AalRequired(core.Public("self-service/login/browser?aal=aal2")))
            : null;
    }
}
