using Gateway.Decisions;

namespace Gateway.Authenticators;

/// <summary>Asks the authenticators in their order, until one of them reads what the request presents.</summary>
internal sealed class AuthenticatorChain(IEnumerable<Authenticator> authenticators)
{
    private readonly Authenticator[] _all = [.. authenticators];

    public ValueTask<Authentication> AuthenticateAsync(HttpContext context) =>
        _all is [var only] ? only.AuthenticateAsync(context) : FirstAsync(context, anew: false);

    /// <inheritdoc cref="Authenticator.AuthenticateAnewAsync"/>
    public ValueTask<Authentication> AuthenticateAnewAsync(HttpContext context) => FirstAsync(context, anew: true);

    private async ValueTask<Authentication> FirstAsync(HttpContext context, bool anew)
    {
        var found = new Authentication(null, Reason.NoSession);
        foreach (var authenticator in _all)
        {
            found = await (anew ? authenticator.AuthenticateAnewAsync(context) : authenticator.AuthenticateAsync(context));
            if (found.Failure is not Reason.NoSession) break;
        }
        return found;
    }
}
