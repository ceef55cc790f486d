namespace Gateway.Telemetry;

/// <summary>The access log.</summary>
internal sealed class AccessLogOptions
{
    public const string Section = "AccessLog";

    /// <summary>Whether a JSON line per request is written to standard output.</summary>
    public bool Enabled { get; init; } = true;
}
