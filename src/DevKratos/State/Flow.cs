using System.Collections.Immutable;

namespace DevKratos.State;

internal enum FlowKind
{
    Login,
    Registration,
    Settings,
    Verification,
}

/// <summary>A self-service flow of any kind: the form a person is filling in, with what it needs to go on.</summary>
internal sealed record Flow
{
    public required Guid Id { get; init; }

    public required FlowKind Kind { get; init; }

    /// <summary>Begun at an <c>/api</c> endpoint: no cookies, no CSRF, JSON answers only.</summary>
    public required bool IsApi { get; init; }

    public required DateTime IssuedAt { get; init; }

    public required DateTime ExpiresAt { get; init; }

    public required string RequestUrl { get; init; }

    public string? ReturnTo { get; init; }

    /// <summary>The anti-CSRF secret of the browser that began the flow; empty for API flows.</summary>
    public string CsrfSecret { get; init; } = "";

    /// <summary>Null is written as null, as Kratos does for an API flow that can offer nothing.</summary>
    public ImmutableArray<UiNode>? Nodes { get; init; } = [];

    public ImmutableArray<UiText> Messages { get; init; } = [];

    public string State { get; init; } = "choose_method";

    public bool Refresh { get; init; }

    public string RequestedAal { get; init; } = "aal1";

    /// <summary>Whose settings these are, or whose address is verified.</summary>
    public Guid? IdentityId { get; init; }

    /// <summary>The TOTP secret a settings flow offers until it is confirmed with a code.</summary>
    public string? TotpSecret { get; init; }

    /// <summary>A settings change that waits for the person to log in again, and the cookie value that may finish it.</summary>
    public (string Continuity, Submission Form)? Pending { get; init; }

    /// <summary>The code a real Kratos would have sent by mail.</summary>
    public string? Code { get; init; }
}
