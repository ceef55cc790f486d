using Microsoft.AspNetCore.Connections.Features;

namespace Gateway.Network;

/// <summary>
/// The time between the signal to stop and the end of the listener. Whoever still sends requests here is answered and asked to
/// open its next connection, which a load balancer takes to another replica.
/// </summary>
internal sealed class Drain(NetworkOptions options, ConnectionSlots slots, TimeProvider time) : IHostedLifecycleService
{
    private volatile bool _isOn;

    public bool IsOn => _isOn;

    /// <summary>HTTP/1.1's answer says <c>Connection: close</c>, HTTP/2's connection GOAWAY.</summary>
    public static void AskToLeave(HttpContext context)
    {
        if (HttpProtocol.IsHttp2(context.Request.Protocol))
            context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        else if (context.Request.Headers.Upgrade.Count == 0)
            context.Response.Headers.Connection = "close";
    }

    /// <summary>Before any listener stops; at most the time that the host has for stopping.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _isOn = true;
        slots.AskToLeave();
        await Task.Delay(options.DrainTime, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
