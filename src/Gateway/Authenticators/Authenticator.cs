namespace Gateway.Authenticators;

/// <summary>One way of finding out who is calling. Adding one: CONTRIBUTING.md.</summary>
internal abstract class Authenticator
{
    /// <summary>Who sent this request. Completes at once where that is known already.</summary>
    public abstract ValueTask<Authentication> AuthenticateAsync(HttpContext context);

    /// <summary>The same, whatever is cached: a rule is about to refuse a caller who may have stepped up since.</summary>
    public virtual ValueTask<Authentication> AuthenticateAnewAsync(HttpContext context) => AuthenticateAsync(context);
}
