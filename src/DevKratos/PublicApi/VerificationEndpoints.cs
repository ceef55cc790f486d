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
        routes.MapMethods("/self-service/verification/flows", ["GET", "HEAD"], GetAsync);
        routes.MapMethods("/self-service/verification", ["POST"], SubmitAsync);
        routes.MapMethods(
            "/self-service/verification/browser",
            ["GET", "HEAD"],
            context => Answers.RedirectAsync(context, core.Ui("verification")));
        routes.MapMethods(
            "/self-service/recovery/browser", ["GET", "HEAD"], context => Answers.RedirectAsync(context, core.Ui("recovery")));
    }

    /// <summary>The flow that a registration ends in.</summary>
    public Flow Begin(HttpContext context, Flow registration, Identity identity)
    {
        var flow = starts.New(context, FlowKind.Verification, registration.IsApi, registration.ReturnTo) with
        {
            IdentityId = identity.Id,
            Code = SecretText.Digits(6),
            State = "sent_email",
        };
        return core.Store.Save(Offered(flow));
    }

    private Task GetAsync(HttpContext context)
    {
        if (gate.RefuseRetrieval(context, FlowKind.Verification, out var flow) is { } refusal) return refusal;
        return answers.FlowAsync(context, StatusCodes.Status200OK, flow);
    }

    private async Task SubmitAsync(HttpContext context)
    {
        if (gate.RefuseSubmit(
            context,
            FlowKind.Verification,
            old => Offered(
                starts.New(
                    context,
                    FlowKind.Verification,
                    old.IsApi,
                    old.ReturnTo) with
                { IdentityId = old.IdentityId, Code = SecretText.Digits(6), State = "sent_email" }),
            out var flow) is { } refusal)
        {
            await refusal;
            return;
        }

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
        var passed = core.Store.Save(
            flow with
            {
                State = "passed_challenge",
                Nodes = [UiNode.Csrf(Csrf.Mask(flow.CsrfSecret))],
                Messages = [UiTexts.Verified]
            });
        if (flow.IsApi || Answers.WantsJson(context.Request))
            await answers.FlowAsync(context, StatusCodes.Status200OK, passed);
        else
            await Answers.RedirectAsync(context, core.UiFlow(passed));
    }

    public static ImmutableArray<VerifiableAddress> Verified(ImmutableArray<VerifiableAddress> addresses, DateTime now) =>
        [.. addresses.Select(a => a with { Verified = true, Status = "completed", VerifiedAt = now, UpdatedAt = now })];

    private static Flow Offered(Flow flow) => flow with
    {
        Nodes =
        [
            UiNode.Input("code", "code", "text", required: true, label: UiTexts.VerificationCode),
            UiNode.Submit("code", "code", UiTexts.Continue),
            UiNode.Csrf(Csrf.Mask(flow.CsrfSecret)),
        ],
        Messages = [Mail(flow)],
    };

    private static UiText Mail(Flow flow) =>
        new(UiTexts.CodeSent.Id, $"DevKratos sends no mail. Your verification code is {flow.Code}.");
}
