using System.Text.Json.Nodes;
using DevKratos.Core;
using DevKratos.PublicApi;
using DevKratos.State;
using DevKratos.Wire;

namespace DevKratos;

/// <summary>A person made for a test.</summary>
public sealed record DevIdentity(Guid Id, string Email, string Password);

/// <summary>A sign-in made for a test: the cookie's value (without its name) and the token of the same session.</summary>
public sealed record DevSession(Guid SessionId, Guid IdentityId, string Cookie, string Token)
{
    /// <summary>Ready for a Cookie header.</summary>
    public string CookieHeader => KratosCore.SessionCookie + "=" + Cookie;
}

/// <summary>Short cuts past the flows, for tests and demonstrations.</summary>
public sealed partial class DevKratosServer
{
    /// <summary>
    /// Creates a person who can log in. Without an address, an unused one is made up; traits replace the default ones whole.
    /// </summary>
    public Task<DevIdentity> CreateIdentityAsync(
        string? email = null, string? password = null, JsonObject? traits = null, bool verified = false)
    {
        traits ??= new JsonObject { ["email"] = email ?? $"{Guid.NewGuid():N}@example.org" };
        password ??= "correct-horse-battery-7319";
        var identity = NewIdentity.From(_core.Now, JsonText.Element(traits.ToJsonString()), password, addressStatus: "pending");
        if (!_core.Store.TryAdd(identity))
            throw new ArgumentException($"There is somebody with the identifier {identity.Identifier}.", nameof(email));
        if (verified)
        {
            var addresses = VerificationEndpoints.Verified(identity.VerifiableAddresses, _core.Now);
            Change(identity.Id, known => known with { VerifiableAddresses = addresses });
        }
        return Task.FromResult(new DevIdentity(identity.Id, identity.Identifier, password));
    }

    /// <summary>Signs the person in without a flow. With <paramref name="aal2"/>, as after a second factor.</summary>
    public DevSession SignIn(Guid identityId, bool aal2 = false)
    {
        var identity = _core.Store.FindIdentity(identityId)
            ?? throw new ArgumentException("No such identity.", nameof(identityId));
        var signIns = new SignIns(_core);
        var session = signIns.Begin(identity, "password", request: null);
        if (aal2)
            session = signIns.Renew(session, "totp", "aal2");
        return new DevSession(session.Id, identity.Id, _core.Store.IssueCookie(session), session.Token);
    }

    /// <summary>A new person and a session, in one call.</summary>
    public async Task<DevSession> SignInNewAsync(string? email = null, bool aal2 = false, bool verified = false) =>
        SignIn((await CreateIdentityAsync(email, verified: verified)).Id, aal2);

    /// <summary>
    /// Gives the person an authenticator app and returns its secret; <see cref="TotpCode"/> computes the codes.
    /// </summary>
    public string EnrolTotp(Guid identityId)
    {
        var secret = Totp.NewSecret();
        Change(identityId, identity => identity with { Totp = new TotpCredential(secret, _core.Now, _core.Now) });
        return secret;
    }

    public string TotpCode(string secret) => Totp.Code(secret, _core.Options.TimeProvider.GetUtcNow());

    /// <summary>Null removes.</summary>
    public void SetMetadata(Guid identityId, JsonNode? metadataPublic, JsonNode? metadataAdmin = null) =>
        Change(identityId, identity => identity with
        {
            MetadataPublic = metadataPublic is null ? null : JsonText.Element(metadataPublic.ToJsonString()),
            MetadataAdmin = metadataAdmin is null ? null : JsonText.Element(metadataAdmin.ToJsonString()),
        });

    public void SetActive(Guid identityId, bool active) =>
        Change(identityId, identity => identity with { State = active ? "active" : "inactive", StateChangedAt = _core.Now });

    public void RevokeSession(Guid sessionId) => _core.Store.Update(sessionId, session => session with { Revoked = true });

    /// <summary>Moves the session's end to now.</summary>
    public void ExpireSession(Guid sessionId) => _core.Store.Update(sessionId, session => session with { ExpiresAt = _core.Now });

    /// <summary>What <c>PATCH /admin/sessions/{id}/extend</c> does: whoami then renews the cookie.</summary>
    public void ExtendSession(Guid sessionId) =>
        _core.Store.Update(sessionId, session => session with { ExpiresAt = _core.Now + _core.Options.SessionLifespan });

    /// <summary>What a login with a second factor does to an existing session: same id and token, aal2, new times.</summary>
    public void StepUp(Guid sessionId) =>
        new SignIns(_core).Renew(
            _core.Store.FindSession(sessionId) ?? throw new ArgumentException("No such session.", nameof(sessionId)),
            "totp",
            "aal2");

    /// <summary>Sets when the person last proved who they are, for rules about the age of a login.</summary>
    public void SetAuthenticatedAt(Guid sessionId, DateTimeOffset at) =>
        _core.Store.Update(sessionId, session => session with { AuthenticatedAt = at.UtcDateTime });

    private void Change(Guid identityId, Func<Identity, Identity> change) =>
        _ = _core.Store.Update(identityId, change) ?? throw new ArgumentException("No such identity.", nameof(identityId));
}
