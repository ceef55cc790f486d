namespace Gateway.Traffic.Streams;

/// <summary>Why the gateway ended a stream: a closed list, the same in logs and metrics.</summary>
internal enum StreamEnd
{
    /// <summary>Its session was revoked or logged out, here or at another replica, or Kratos knows it no longer.</summary>
    SessionEnded,

    SessionExpired,

    /// <summary>A revocation may have been missed, and Kratos gave no verdict.</summary>
    SessionUnconfirmed,

    MaxAge,

    Idle,

    Shutdown,
}

internal static class StreamEnds
{
    private const ushort GoingAway = 1001, PolicyViolation = 1008;
    private const int Unavailable = 14, Unauthenticated = 16;

    /// <summary>The reason as logs and metrics show it.</summary>
    public static string Name(this StreamEnd end) => end switch
    {
        StreamEnd.SessionEnded => "session_ended",
        StreamEnd.SessionExpired => "session_expired",
        StreamEnd.SessionUnconfirmed => "session_unconfirmed",
        StreamEnd.MaxAge => "max_age",
        StreamEnd.Idle => "idle",
        _ => "shutdown",
    };

    /// <summary>The code of a WebSocket's Close frame (RFC 6455 section 7.4.1).</summary>
    public static ushort CloseCode(this StreamEnd end) =>
        end is StreamEnd.Shutdown or StreamEnd.Idle ? GoingAway : PolicyViolation;

    /// <summary>gRPC's status code.</summary>
    public static int GrpcStatus(this StreamEnd end) =>
        end is StreamEnd.SessionEnded or StreamEnd.SessionExpired or StreamEnd.SessionUnconfirmed
            ? Unauthenticated
            : Unavailable;
}
