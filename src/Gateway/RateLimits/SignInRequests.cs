using System.Collections.Frozen;

namespace Gateway.RateLimits;

/// <summary>
/// What the shipped policy limits of Kratos' route: forms that are posted to sign in, to recover an account and to register. Not
/// while a private peer forwards for somebody and is not trusted to: then everybody would share its address, and be locked out
/// together.
/// </summary>
internal sealed class SignInRequests(string kratosPath, UntrustedForwarding forwarding)
{
    /// <summary>Kratos' own paths.</summary>
    private static readonly string[] Forms = ["login", "recovery", "registration"];

    /// <summary>Routing ignores letter case in front of them, so it is ignored here.</summary>
    private readonly FrozenSet<string> _paths =
        Forms.Select(form => $"{kratosPath}/self-service/{form}").ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <param name="isSaid">Whether the log may say that the limit is off for such a request.</param>
    public bool Covers(HttpContext context, bool isSaid) =>
        HttpMethods.IsPost(context.Request.Method)
        && _paths.Contains((context.Request.Path.Value ?? "").TrimEnd('/'))
        && !forwarding.IsSeen(context, isSaid);
}
