using DevKratos.Core;
using DevKratos.State;
using DevKratos.Wire;

namespace DevKratos.PublicApi;

/// <summary>Login flows: begin, show, and the checks before a submit. <see cref="LoginSubmit"/> judges what was sent.</summary>
internal sealed class LoginEndpoints(
    KratosCore core, Answers answers, Callers callers, ReturnTo returnTo, FlowStarts starts, FlowGate gate, LoginSubmit submit)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/self-service/login/browser", ["GET", "HEAD"], context => InitAsync(context, isApi: false));
        routes.MapMethods("/self-service/login/api", ["GET", "HEAD"], context => InitAsync(context, isApi: true));
        routes.MapMethods("/self-service/login/flows", ["GET", "HEAD"], GetAsync);
        routes.MapMethods("/self-service/login", ["GET", "HEAD", "POST"], SubmitAsync);
    }

    private Task InitAsync(HttpContext context, bool isApi)
    {
        if (core.Faults.DatabaseDown) return Answers.ErrorAsync(context, KratosError.DatabaseGone);
        var query = context.Request.Query;
        var target = query["return_to"].ToString();
        if (query.ContainsKey("login_challenge")) return Refuse(KratosError.NoOAuth2);
        if (returnTo.Check(target) is { } forbidden) return Refuse(forbidden);

        var caller = callers.Find(context.Request);
        var refresh = FlowStarts.IsTrue(query["refresh"]) && caller.Session is not null;
        var aal = query["aal"].ToString() is { Length: > 0 } asked ? asked : "aal1";
        if (aal is not ("aal1" or "aal2"))
            return Refuse(KratosError.BadRequest(
                $"Unable to parse AuthenticationMethod Assurance Level (AAL): expected one of [aal1, aal2] but got \"{aal}\"."));
        if (aal == "aal2" && caller.Session is null) return Refuse(KratosError.HigherAalNeedsSession);
        if (caller.Session is { } session && !refresh && string.CompareOrdinal(session.Aal, aal) >= 0)
        {
            return isApi || Answers.WantsJson(context.Request)
                ? Answers.ErrorAsync(context, KratosError.LoginNotPossible)
                : Answers.RedirectAsync(context, returnTo.Resolve(target));
        }

        var flow = LoginNodes.For(
            starts.New(context, FlowKind.Login, isApi, target) with { Refresh = refresh, RequestedAal = aal }, caller.Identity);
        core.Store.Save(flow);
        return isApi || Answers.WantsJson(context.Request)
            ? answers.FlowAsync(context, StatusCodes.Status200OK, flow)
            : Answers.RedirectAsync(context, core.UiFlow(flow));

        Task Refuse(KratosError error) => isApi ? Answers.ErrorAsync(context, error) : answers.ForwardAsync(context, error);
    }

    private Task GetAsync(HttpContext context) =>
        gate.RefuseRetrieval(context, FlowKind.Login, out var flow) ?? answers.FlowAsync(context, StatusCodes.Status200OK, flow);

    private async Task SubmitAsync(HttpContext context)
    {
        if (gate.RefuseSubmit(context, FlowKind.Login, old => Replace(context, old), out var flow) is { } refusal)
        {
            await refusal;
            return;
        }

        await submit.RunAsync(context, flow);
    }

    private Flow Replace(HttpContext context, Flow old) =>
        LoginNodes.For(
            starts.New(
                context, FlowKind.Login, old.IsApi, old.ReturnTo) with
            { Refresh = old.Refresh, RequestedAal = old.RequestedAal },
            callers.Find(context.Request).Identity);
}
