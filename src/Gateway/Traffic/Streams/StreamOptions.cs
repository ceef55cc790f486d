using Gateway.Configuration;

namespace Gateway.Traffic.Streams;

/// <summary>How long streams may last: WebSockets, event streams, gRPC calls and their kind.</summary>
internal sealed class StreamOptions
{
    public const string Section = "Streams";

    /// <summary>The keys whose values may be written as <see cref="Duration"/> reads them.</summary>
    public static readonly string[] Durations = [nameof(MaxAge), nameof(IdleTimeout), nameof(CloseGrace)];

    /// <summary>The longest a stream lasts, whoever opened it. 1 second to 30 days.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(1);

    /// <summary>
    /// The longest neither side may say anything, where the cluster has no <c>ActivityTimeout</c> of its own. 1 second to 1 day.
    /// </summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>How long streams may go on once the gateway is told to stop. At most 5 minutes.</summary>
    public TimeSpan CloseGrace { get; init; } = TimeSpan.FromSeconds(5);

    public void Validate(ConfigErrors errors)
    {
        var second = TimeSpan.FromSeconds(1);
        errors.RequireRange($"{Section}:{nameof(MaxAge)}", MaxAge, second, TimeSpan.FromDays(30));
        errors.RequireRange($"{Section}:{nameof(IdleTimeout)}", IdleTimeout, second, TimeSpan.FromDays(1));
        errors.RequireRange($"{Section}:{nameof(CloseGrace)}", CloseGrace, TimeSpan.Zero, TimeSpan.FromMinutes(5));
    }
}
