using System.Diagnostics.CodeAnalysis;
using DevKratos.Core;
using DevKratos.State;
using DevKratos.Wire;

namespace DevKratos.PublicApi;

/// <summary>Settings flows: begin, show, and the checks before a submit. <see cref="SettingsSubmit"/> makes the change.</summary>
internal sealed class SettingsEndpoints(
    KratosCore core, Answers answers, Callers callers, FlowStarts starts, FlowGate gate, SettingsSubmit submit)
{
    private static readonly KratosError ApiNeedsSession = KratosError.SessionInactive with
    {
        Reason = "This endpoint can only be accessed with a valid session. Please log in and try again."
    };
    private static readonly KratosError NotYours = new(
        403,
        KratosError.Forbidden,
        "The request was made for another identity and has been blocked for security reasons.",
        "security_identity_mismatch");

    public void Map(IEndpointRouteBuilder routes)
    {
        FlowGate.Map(routes, "settings", BeginAsync, GetAsync);
        routes.MapMethods("/self-service/settings", ["GET", "POST"], SubmitAsync);
    }

    private Task BeginAsync(HttpContext context, bool isApi)
    {
        if (core.Faults.NoQueries) return Answers.ErrorAsync(context, KratosError.DatabaseGone);
        if (!TryAdmit(context, isApi || Answers.WantsJson(context.Request), isApi, out var caller, out var refusal))
            return refusal;
        if (starts.Refuse(context, isApi) is { } forbidden) return forbidden;
        var flow = starts.New(context, FlowKind.Settings, isApi) with { State = "show_form" };
        return starts.ShowAsync(context, SettingsNodes.For(flow, caller.Identity!), caller.Identity);
    }

    private Task GetAsync(HttpContext context)
    {
        if (core.Faults.NoQueries) return Answers.ErrorAsync(context, KratosError.DatabaseGone);
        if (core.Store.FindFlow(FlowKind.Settings, context.Request.Query["id"]) is null)
            return Answers.ErrorAsync(context, KratosError.NotFound);
        if (!TryAdmit(context, json: true, isApi: true, out var caller, out var refused)) return refused;
        if (gate.RefuseRetrieval(context, FlowKind.Settings, out var flow) is { } refusal) return refusal;
        return flow.IdentityId == caller.Identity!.Id
            ? answers.FlowAsync(context, StatusCodes.Status200OK, flow, caller.Identity)
            : Answers.ErrorAsync(context, NotYours);
    }

    private Task SubmitAsync(HttpContext context) =>
        gate.SubmitAsync(context, FlowKind.Settings, old => Replace(context, old), flow => RunAsync(context, flow));

    private Task RunAsync(HttpContext context, Flow flow)
    {
        var json = flow.IsApi || Answers.WantsJson(context.Request);
        if (!TryAdmit(context, json, flow.IsApi, out var caller, out var refusal)) return refusal;
        return flow.IdentityId == caller.Identity!.Id
            ? submit.RunAsync(context, flow, caller)
            : answers.ForwardAsync(context, NotYours);
    }

    /// <summary>
    /// Settings ask for the highest assurance the person can reach, so that a stolen password alone changes nothing.
    /// </summary>
    private bool TryAdmit(HttpContext context, bool json, bool isApi, out Caller caller, [NotNullWhen(false)] out Task? refusal)
    {
        caller = callers.Find(context.Request);
        refusal = null;
        if (caller.Session is null)
        {
            var error = isApi ? ApiNeedsSession : KratosError.SessionInactive with { Extra = [("CredentialsMissing", false)] };
            refusal = json
                ? Answers.ErrorAsync(context, error)
                : Answers.RedirectAsync(context, core.Public("self-service/login/browser"));
        }
        else if (caller.CouldStepUp)
        {
            var stepUp = core.Public("self-service/login/browser?aal=aal2");
            refusal = json
                ? Answers.ErrorAsync(context, KratosError.AalRequired(stepUp))
                : Answers.RedirectAsync(context, stepUp);
        }

        return refusal is null;
    }

    private Flow Replace(HttpContext context, Flow old)
    {
        var fresh = starts.Anew(context, old) with { State = "show_form" };
        return core.Store.FindIdentity(old.IdentityId ?? Guid.Empty) is { } identity ? SettingsNodes.For(fresh, identity) : fresh;
    }
}
