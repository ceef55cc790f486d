namespace Gateway.ContainerTests.Harness;

/// <summary>Waits for what happens in another process.</summary>
internal static class Until
{
    /// <summary>Fails after a minute.</summary>
    public static async Task TrueAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!await condition())
            await timer.WaitForNextTickAsync(limit.Token);
    }
}
