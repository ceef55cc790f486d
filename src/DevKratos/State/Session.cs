using System.Collections.Immutable;

namespace DevKratos.State;

/// <summary>
/// A login. The token and the logout token never change; cookie values are issued anew while older ones stay valid.
/// </summary>
internal sealed record Session
{
    public required Guid Id { get; init; }

    public required Guid IdentityId { get; init; }

    public required string Token { get; init; }

    public required string LogoutToken { get; init; }

    public bool Revoked { get; init; }

    public required DateTime ExpiresAt { get; init; }

    public required DateTime AuthenticatedAt { get; init; }

    public required DateTime IssuedAt { get; init; }

    public required ImmutableArray<AuthenticationMethod> Methods { get; init; }

    public ImmutableArray<Device> Devices { get; init; } = [];

    public string Aal => Methods.Any(m => m.Aal == "aal2") ? "aal2" : "aal1";
}

internal sealed record AuthenticationMethod(string Method, string Aal, DateTime CompletedAt);

internal sealed record Device(Guid Id, string IpAddress, string? UserAgent);
