using System.Text.Json.Serialization;
using Gateway.Sessions.Revocations;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Management;

/// <summary>
/// Health, metrics, revocation and questions on a listener of their own: a second server, so that no request to the public one,
/// whatever its Host or path, can reach them.
/// </summary>
internal sealed class ManagementServer(
    ManagementOptions options,
    SessionRevocations revocations,
    Readiness readiness,
    MetricsPage metrics,
    ManagementApi api,
    ILoggerFactory loggers) : IHostedService, IAsyncDisposable
{
    private static readonly string[] Probe = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Of its own, so that neither listener takes the other's; part of what is reserved of the open files.</summary>
    private const int MaxConnections = 100;

    private WebApplication? _app;

    /// <summary>The address it listens on, once started.</summary>
    public Uri Address
    {
        get
        {
            var server = _app!.Services.GetRequiredService<IServer>();
            return new(server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());
        }
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(options.Url);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = MaxConnections;
        });
        builder.Services.AddRoutingCore();
        builder.Services.ConfigureHttpJsonOptions(json =>
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ManagementJson.Default));
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        builder.Services.AddSingleton(loggers);

        _app = builder.Build();
        _app.Use(new ManagementGuard(options).GuardAsync);
        _app.UseRouting();
        _app.MapMethods("/health/alive", Probe, () => new HealthStatus("ok"));
        _app.MapMethods("/health/ready", Probe, async (CancellationToken c) =>
        {
            var status = await readiness.CheckAsync(c);
            return Results.Json(status, ManagementJson.Default.ReadyStatus, statusCode: status.Missing is null ? 200 : 503);
        });
        _app.MapGet("/metrics", () => Results.Text(metrics.Render(), "text/plain; version=0.0.4; charset=utf-8"));
        _app.MapDelete("/sessions/{id}", (string id) => new Revoked(revocations.RevokeSession(id)));
        _app.MapDelete("/identities/{id}/sessions", (string id) => new Revoked(revocations.RevokeIdentity(id)));
        api.Map(_app);
        await _app.StartAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => _app?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => _app?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>The process' signals belong to the gateway itself, which stops this server with the rest.</summary>
    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

internal sealed record HealthStatus(string Status);

/// <summary>How many cached entries were dropped.</summary>
internal sealed record Revoked(int Count);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HealthStatus))]
[JsonSerializable(typeof(ReadyStatus))]
[JsonSerializable(typeof(Revoked))]
[JsonSerializable(typeof(DecisionReport))]
internal sealed partial class ManagementJson : JsonSerializerContext;
