namespace Gateway.Decisions;

/// <summary>
/// A refusal as a value: whoever refuses a request sets it and returns, and the outermost layer (<c>RequestBoundary</c>)
/// writes the answer.
/// </summary>
internal sealed record Denial(Reason Reason)
{
    /// <summary>What was decided of this request; null: nothing stands against it.</summary>
    public static Denial? Of(HttpContext context) => context.Features[typeof(Denial)] as Denial;
}

internal static class DenialExtensions
{
    /// <summary>Refuses the request. Nothing may be written to its response any more.</summary>
    public static Task DenyAsync(this HttpContext context, Reason reason)
    {
        context.Features[typeof(Denial)] = new Denial(reason);
        return Task.CompletedTask;
    }
}
