namespace Gateway.Hosting.Commands;

/// <summary>A verb's expected failure: words for a person, and an exit code.</summary>
internal static class Failure
{
    /// <summary>Says why on standard error, for two seconds at most.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> SayAsync(string message)
    {
        // A program that has failed must end, also where nobody reads what it says.
        await Task.WhenAny(Task.Run(() => Console.Error.WriteLine(message)), Task.Delay(TimeSpan.FromSeconds(2)));
        return 1;
    }
}
