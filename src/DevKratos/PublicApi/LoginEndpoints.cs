using DevKratos.State;
using DevKratos.Wire;

namespace DevKratos.PublicApi;

/// <summary>Login flows: begin, show, and the checks before a submit. <see cref="LoginSubmit"/> judges what was sent.</summary>
internal sealed class LoginEndpoints(Callers callers, FlowStarts starts, FlowGate gate, LoginSubmit submit)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        FlowGate.Map(routes, "login", BeginAsync, context => gate.ShowAsync(context, FlowKind.Login));
        routes.MapMethods("/self-service/login", ["GET", "HEAD", "POST"], SubmitAsync);
    }

    private Task BeginAsync(HttpContext context, bool isApi)
    {
        if (starts.Refuse(context, isApi) is { } refusal) return refusal;
        var query = context.Request.Query;
        if (query.ContainsKey("login_challenge")) return starts.RefuseAsync(context, isApi, KratosError.NoOAuth2);

        var caller = callers.Find(context.Request);
        var refresh = FlowStarts.IsTrue(query["refresh"]) && caller.Session is not null;
        var aal = query["aal"].ToString() is { Length: > 0 } asked ? asked : "aal1";
        if (aal is not ("aal1" or "aal2")) return starts.RefuseAsync(context, isApi, KratosError.UnknownAal(aal));
        if (aal == "aal2" && caller.Session is null) return starts.RefuseAsync(context, isApi, KratosError.HigherAalNeedsSession);
        if (caller.Session is { } session && !refresh && string.CompareOrdinal(session.Aal, aal) >= 0)
            return starts.SkipAsync(context, isApi, KratosError.LoginNotPossible);

        var flow = starts.New(context, FlowKind.Login, isApi) with { Refresh = refresh, RequestedAal = aal };
        return starts.ShowAsync(context, LoginNodes.For(flow, caller.Identity));
    }

    private Task SubmitAsync(HttpContext context) => gate.SubmitAsync(
        context, FlowKind.Login, old => Replace(context, old), flow => submit.RunAsync(context, flow));

    private Flow Replace(HttpContext context, Flow old)
    {
        var fresh = starts.Anew(context, old) with { Refresh = old.Refresh, RequestedAal = old.RequestedAal };
        return LoginNodes.For(fresh, callers.Find(context.Request).Identity);
    }
}
