using DevKratos.State;
using DevKratos.Wire;

namespace DevKratos.PublicApi;

/// <summary>Registration flows: begin, show, submit.</summary>
internal sealed class RegistrationEndpoints(Callers callers, FlowStarts starts, FlowGate gate, RegistrationSubmit submit)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        FlowGate.Map(routes, "registration", BeginAsync, context => gate.ShowAsync(context, FlowKind.Registration));
        routes.MapPost("/self-service/registration", SubmitAsync);
    }

    private Task BeginAsync(HttpContext context, bool isApi)
    {
        if (starts.Refuse(context, isApi) is { } refusal) return refusal;
        return callers.Find(context.Request).Session is null
            ? starts.ShowAsync(context, RegistrationNodes.Profile(starts.New(context, FlowKind.Registration, isApi)))
            : starts.SkipAsync(context, isApi, KratosError.RegistrationNotPossible);
    }

    private Task SubmitAsync(HttpContext context) => gate.SubmitAsync(
        context,
        FlowKind.Registration,
        old => RegistrationNodes.Profile(starts.Anew(context, old)),
        flow => submit.RunAsync(context, flow));
}
