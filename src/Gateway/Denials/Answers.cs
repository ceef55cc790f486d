using Gateway.Decisions;

namespace Gateway.Denials;

/// <summary>What the gateway says for a reason: status, Ory error id, and words for people that give nothing away.</summary>
/// <param name="RetryAfter">Seconds after which another try makes sense.</param>
internal sealed record Answer(int Status, string Id, string Title, string Message, int? RetryAfter = null)
{
    /// <summary>The one place where reasons get their answers.</summary>
    public static Answer To(Reason reason) => All[(int)reason];

    private static readonly Answer[] All = [.. Enum.GetValues<Reason>().Select(Make)];

#pragma warning disable CS8524 // a number that is no Reason; a missing Reason (CS8509) does not compile
    private static Answer Make(Reason reason) => reason switch
    {
        Reason.NoSession => new(
            401, "session_required", "Please sign in",
            "This page needs you to be signed in."),
        Reason.SessionInvalid => new(
            401, "session_required", "Please sign in",
            "Your session has ended. Sign in again."),
        Reason.SecondFactorRequired => new(
            403, "session_aal2_required", "Second factor needed",
            "This page needs your second factor."),
        Reason.SessionTooOld => new(
            403, "session_refresh_required", "Please confirm it is you",
            "Your last sign-in is too long ago for this page."),
        Reason.EmailNotVerified => new(
            403, "forbidden", "Verify your e-mail address",
            "This page is open to people with a verified e-mail address."),
        Reason.TraitMismatch => new(403, "forbidden", "Not allowed", "Your account may not open this page."),
        Reason.SchemaMismatch => new(
            403, "forbidden", "Not allowed",
            "Your kind of account may not open this page."),
        Reason.Forbidden => new(403, "forbidden", "Not allowed", "You may not open this page."),
        Reason.IdentityProviderUnavailable => new(
            503, "identity_provider_unavailable", "Sign-in is not available",
            "We cannot check who you are at the moment. Nothing is wrong with your account; try again shortly.", 5),
        Reason.IdentityProviderError => new(
            502, "identity_provider_error", "Sign-in failed",
            "The sign-in service could not answer. Try again shortly."),
        Reason.NoRoute => new(404, "not_found", "Not found", "There is nothing at this address."),
        Reason.LoginLoop => new(
            401, "session_required", "The sign-in page cannot be reached",
            "The sign-in page itself asks for a session. Its operator has to open it to everybody."),
        Reason.AmbiguousTarget => new(
            400, "bad_request", "Bad address",
            "This address can be read in more than one way, so it is not passed on."),
        Reason.MethodNotAllowed => new(
            405, "method_not_allowed", "Method not allowed",
            "This method is not passed on."),
        Reason.MalformedRequest => new(400, "bad_request", "Bad request", "The request is malformed."),
        Reason.RequestTooLarge => new(
            413, "request_too_large", "Too large",
            "What was sent is larger than this address takes."),
        Reason.UpstreamUnavailable => new(
            503, "upstream_unavailable", "Not available",
            "The service behind this address is not available. Try again shortly.", 5),
        Reason.UpstreamUnreachable => new(
            502, "upstream_unreachable", "Not reachable",
            "The service behind this address did not answer. Try again shortly."),
        Reason.UpstreamTimeout => new(
            504, "upstream_timeout", "Too slow",
            "The service behind this address took too long to answer."),
        Reason.RequestTimeout => new(
            504, "request_timeout", "Too slow",
            "This took longer than this address allows."),
        Reason.InternalError => new(
            500, "internal_error", "Something went wrong",
            "The gateway failed. The request id helps its operator to find out why."),
    };
#pragma warning restore CS8524
}
