using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Bench.SessionServer;

/// <summary>
/// Waits one fixed time, to about 0.1 ms. <see cref="Task.Delay(TimeSpan)"/> cannot: the runtime's timers count in kernel ticks,
/// so that 1 ms becomes up to 4 ms on a kernel with 250 ticks a second. Because every wait is as long as every other, a queue in
/// order of arrival is in order of expiry.
/// </summary>
internal sealed class PreciseDelay
{
    private readonly BlockingCollection<(TaskCompletionSource Waiter, long Due)> queue = [];
    private readonly TimeProvider time = TimeProvider.System;
    private readonly TimeSpan delay;

    public PreciseDelay(TimeSpan delay)
    {
        this.delay = delay;
        new Thread(Run) { IsBackground = true, Name = "delay" }.Start();
    }

    public Task WaitAsync()
    {
        if (delay <= TimeSpan.Zero)
            return Task.CompletedTask;
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        queue.Add((waiter, time.GetTimestamp() + (long)(delay.TotalSeconds * time.TimestampFrequency)));
        return waiter.Task;
    }

    private void Run()
    {
        foreach (var (waiter, due) in queue.GetConsumingEnumerable())
        {
            var remaining = (due - time.GetTimestamp()) * 1_000_000 / time.TimestampFrequency;
            if (remaining > 0)
                _ = Usleep((uint)remaining);
            waiter.SetResult();
        }
    }

    [DllImport("libc", EntryPoint = "usleep", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Usleep(uint microseconds);
}
