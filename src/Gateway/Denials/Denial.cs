using Gateway.Rules;

namespace Gateway.Denials;

/// <summary>Marks a request that the gateway answered itself, for its log line.</summary>
internal sealed record Denial(Reason Reason);
