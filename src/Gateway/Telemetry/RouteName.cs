namespace Gateway.Telemetry;

/// <summary>A route's id, carried in its endpoint's metadata for the log.</summary>
internal sealed record RouteName(string Value);
