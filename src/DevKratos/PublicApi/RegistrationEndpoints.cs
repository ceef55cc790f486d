using DevKratos.Core;
using DevKratos.State;
using DevKratos.Wire;

namespace DevKratos.PublicApi;

/// <summary>Registration flows: begin, show, submit.</summary>
internal sealed class RegistrationEndpoints(
    KratosCore core,
    Answers answers,
    Callers callers,
    ReturnTo returnTo,
    FlowStarts starts,
    FlowGate gate,
    RegistrationSubmit submit)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/self-service/registration/browser", ["GET", "HEAD"], context => InitAsync(context, isApi: false));
        routes.MapMethods("/self-service/registration/api", ["GET", "HEAD"], context => InitAsync(context, isApi: true));
        routes.MapMethods("/self-service/registration/flows", ["GET", "HEAD"], GetAsync);
        routes.MapMethods("/self-service/registration", ["POST"], SubmitAsync);
    }

    private Task InitAsync(HttpContext context, bool isApi)
    {
        if (core.Faults.DatabaseDown) return Answers.ErrorAsync(context, KratosError.DatabaseGone);
        var target = context.Request.Query["return_to"].ToString();
        if (returnTo.Check(target) is { } forbidden)
            return isApi ? Answers.ErrorAsync(context, forbidden) : answers.ForwardAsync(context, forbidden);
        var json = isApi || Answers.WantsJson(context.Request);
        if (callers.Find(context.Request).Session is not null)
        {
            return json
                ? Answers.ErrorAsync(context, KratosError.RegistrationNotPossible)
                : Answers.RedirectAsync(context, returnTo.Resolve(target));
        }

        var flow = core.Store.Save(RegistrationNodes.Profile(starts.New(context, FlowKind.Registration, isApi, target)));
        return json
            ? answers.FlowAsync(context, StatusCodes.Status200OK, flow)
            : Answers.RedirectAsync(context, core.UiFlow(flow));
    }

    private Task GetAsync(HttpContext context) =>
        gate.RefuseRetrieval(context, FlowKind.Registration, out var flow)
            ?? answers.FlowAsync(context, StatusCodes.Status200OK, flow);

    private async Task SubmitAsync(HttpContext context)
    {
        if (gate.RefuseSubmit(
            context,
            FlowKind.Registration,
            old => RegistrationNodes.Profile(starts.New(context, FlowKind.Registration, old.IsApi, old.ReturnTo)),
            out var flow) is { } refusal)
        {
            await refusal;
            return;
        }

        await submit.RunAsync(context, flow);
    }
}
