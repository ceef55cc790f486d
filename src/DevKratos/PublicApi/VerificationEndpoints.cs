using System.Collections.Immutable;
using DevKratos.Core;
using DevKratos.State;
using DevKratos.Wire;

namespace DevKratos.PublicApi;

/// <summary>
/// Just enough verification to walk on after registration: DevKratos sends no mail, so the flow itself shows the code.
/// Asking for a new mail, links in mails and the API variant are not implemented.
/// </summary>
internal sealed class VerificationEndpoints(KratosCore core, Answers answers, Csrf csrf, FlowStarts starts, FlowGate gate)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapRead("/self-service/verification/flows", context => gate.ShowAsync(context, FlowKind.Verification));
        routes.MapPost("/self-service/verification", SubmitAsync);
        foreach (var page in (string[])["verification", "recovery"])
        {
            routes.MapRead($"/self-service/{page}/browser", context => Answers.RedirectAsync(context, core.Ui(page)));
        }
    }

    /// <summary>The flow that a registration ends in.</summary>
    public Flow Begin(HttpContext context, Flow registration, Identity identity) => core.Store.Save(
        Offered(starts.New(context, FlowKind.Verification, registration.IsApi, registration.ReturnTo), identity.Id));

    private Task SubmitAsync(HttpContext context) => gate.SubmitAsync(
        context,
        FlowKind.Verification,
        old => Offered(starts.Anew(context, old), old.IdentityId),
        flow => RunAsync(context, flow));

    private async Task RunAsync(HttpContext context, Flow flow)
    {
        var (form, _) = await Submission.ReadAsync(context.Request);
        if (csrf.CheckForm(context, flow, form) is { } error)
        {
            await answers.ForwardAsync(context, error);
            return;
        }

        if (flow.State == "passed_challenge" || form["code"] != flow.Code)
        {
            await answers.RetryAsync(context, core.Store.Save(flow.Again(UiTexts.CodeInvalid, Mail(flow))));
            return;
        }

        var now = core.Now;
        core.Store.Update(
            flow.IdentityId!.Value,
            identity => identity with { VerifiableAddresses = Verified(identity.VerifiableAddresses, now) });
        var passed = core.Store.Save(flow with
        {
            State = "passed_challenge",
            Nodes = [UiNode.Csrf(Csrf.Mask(flow.CsrfSecret))],
            Messages = [UiTexts.Verified],
        });
        if (flow.IsApi || Answers.WantsJson(context.Request))
            await answers.FlowAsync(context, StatusCodes.Status200OK, passed);
        else
            await Answers.RedirectAsync(context, core.UiFlow(passed));
    }

    public static ImmutableArray<VerifiableAddress> Verified(ImmutableArray<VerifiableAddress> addresses, DateTime now) =>
        [.. addresses.Select(a => a with { Verified = true, Status = "completed", VerifiedAt = now, UpdatedAt = now })];

    private static Flow Offered(Flow flow, Guid? identity)
    {
        flow = flow with { IdentityId = identity, Code = SecretText.Digits(6), State = "sent_email" };
        return flow with
        {
            Nodes =
            [
                UiNode.Input("code", "code", "text", required: true, label: UiTexts.VerificationCode),
                UiNode.Submit("code", "code", UiTexts.Continue),
                UiNode.Csrf(Csrf.Mask(flow.CsrfSecret)),
            ],
            Messages = [Mail(flow)],
        };
    }

    private static UiText Mail(Flow flow) =>
        new(UiTexts.CodeSent.Id, $"DevKratos sends no mail. Your verification code is {flow.Code}.");
}
