namespace DevKratos.Core;

/// <summary>A place behind the gateway that the welcome page leads to.</summary>
/// <param name="Path">From the gateway's root, with its slash.</param>
/// <param name="What">What is to be seen there; null: nothing is said.</param>
public sealed record WelcomeLink(string Path, string? What = null)
{
    /// <summary>Those of the gateway's shipped configuration.</summary>
    public static readonly IReadOnlyList<WelcomeLink> Shipped =
    [
        new("/hello", "HelloService"),
        new("/hello/me", "who you are, as the identity headers tell it"),
        new("/world", "WorldService, at most 100 times a minute and person"),
        new("/world/me", "who you are, of the identity token that WorldService has verified"),
        new("/hello/vault", "asks for a second factor"),
        new("/hello/staff", "is for verified addresses of example.org: otherwise 403, and why is asked by the page's request id"),
    ];
}
