using System.Diagnostics.CodeAnalysis;
using DevKratos.Core;
using DevKratos.State;
using DevKratos.Wire;

namespace DevKratos.PublicApi;

/// <summary>Settings flows: begin, show, and the checks before a submit. <see cref="SettingsSubmit"/> makes the change.</summary>
internal sealed class SettingsEndpoints(
    KratosCore core, Answers answers, Callers callers, ReturnTo returnTo, FlowStarts starts, FlowGate gate, SettingsSubmit submit)
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
        routes.MapMethods("/self-service/settings/browser", ["GET", "HEAD"], context => InitAsync(context, isApi: false));
        routes.MapMethods("/self-service/settings/api", ["GET", "HEAD"], context => InitAsync(context, isApi: true));
        routes.MapMethods("/self-service/settings/flows", ["GET", "HEAD"], GetAsync);
        routes.MapMethods("/self-service/settings", ["GET", "POST"], SubmitAsync);
    }

    private Task InitAsync(HttpContext context, bool isApi)
    {
        if (core.Faults.DatabaseDown) return Answers.ErrorAsync(context, KratosError.DatabaseGone);
        var json = isApi || Answers.WantsJson(context.Request);
        var target = context.Request.Query["return_to"].ToString();
        if (!TryAdmit(context, json, isApi, out var caller, out var refusal)) return refusal;
        if (returnTo.Check(target) is { } forbidden)
            return isApi ? Answers.ErrorAsync(context, forbidden) : answers.ForwardAsync(context, forbidden);

        var flow = core.Store.Save(SettingsNodes.For(
            starts.New(context, FlowKind.Settings, isApi, target) with { State = "show_form" }, caller.Identity!));
        return json
            ? answers.FlowAsync(context, StatusCodes.Status200OK, flow, caller.Identity)
            : Answers.RedirectAsync(context, core.UiFlow(flow));
    }

    private Task GetAsync(HttpContext context)
    {
        if (core.Faults.DatabaseDown) return Answers.ErrorAsync(context, KratosError.DatabaseGone);
        if (core.Store.FindFlow(FlowKind.Settings, context.Request.Query["id"]) is null)
            return Answers.ErrorAsync(context, KratosError.NotFound);
        if (!TryAdmit(context, json: true, isApi: true, out var caller, out var refused)) return refused;
        if (gate.RefuseRetrieval(context, FlowKind.Settings, out var flow) is { } refusal) return refusal;
        return flow.IdentityId == caller.Identity!.Id
            ? answers.FlowAsync(context, StatusCodes.Status200OK, flow, caller.Identity)
            : Answers.ErrorAsync(context, NotYours);
    }

    private async Task SubmitAsync(HttpContext context)
    {
        if (gate.RefuseSubmit(context, FlowKind.Settings, old => Replace(context, old), out var flow) is { } refusal)
        {
            await refusal;
            return;
        }

        if (!TryAdmit(context, flow.IsApi || Answers.WantsJson(context.Request), flow.IsApi, out var caller, out var refused))
        {
            await refused;
            return;
        }

        if (flow.IdentityId != caller.Identity!.Id)
            await answers.ForwardAsync(context, NotYours);
        else
            await submit.RunAsync(context, flow, caller);
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
            refusal = isApi ? Answers.ErrorAsync(context, ApiNeedsSession)
                : json ? Answers.ErrorAsync(context, KratosError.SessionInactive with { Extra = [("CredentialsMissing", false)] })
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
        var fresh = starts.New(context, FlowKind.Settings, old.IsApi, old.ReturnTo) with { State = "show_form" };
        return core.Store.FindIdentity(old.IdentityId ?? Guid.Empty) is { } identity ? SettingsNodes.For(fresh, identity) : fresh;
    }
}
