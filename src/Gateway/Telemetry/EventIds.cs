namespace Gateway.Telemetry;

/// <summary>Every log event's number, in blocks per folder.</summary>
internal static class EventIds
{
    // 100 Configuration
    public const int ConfigurationLoaded = 100;
    public const int ConfigurationRefused = 101;
    public const int ConfigurationNeedsRestart = 102;
    public const int ConfigurationNotInForce = 103;
    public const int ConfigurationFile = 104;
    public const int KeyFilesNotTakenOver = 105;

    // 200 Kratos and sessions
    public const int KratosNoVerdict = 200;
    public const int LookupFailed = 201;
    public const int KratosAddressWrong = 202;
    public const int KratosAddressRight = 203;
    public const int KratosRefusalsDoubted = 204;

    // 280 Answers of services
    public const int ServiceCookieRefused = 280;

    // 300 Kratos proxy
    public const int SessionsRevoked = 300;
    public const int KratosAnswerMasked = 301;

    // 350 Replication
    public const int ReplicationConnected = 350;
    public const int ReplicationLost = 351;

    // 400 Denials
    public const int UnhandledException = 400;
    public const int LoginLoopStopped = 401;
    public const int UpstreamFailed = 402;
    public const int RoutesAmbiguous = 403;

    // 450 Forwarding
    public const int ValueNotSent = 450;

    // 460 Traffic
    public const int ConnectionRefused = 460;
    public const int StreamEnded = 461;

    // 500 Telemetry
    public const int LogDropped = 500;

    // 550 Rate limits
    public const int RateLimitPartitionsFull = 550;
    public const int RateLimitStoreLost = 551;
    public const int RateLimitStoreBack = 552;
    public const int SignInLimitOff = 553;
    public const int RateLimitsNotSwept = 554;

    // 600 Network
    public const int ConnectionsLimited = 600;
    public const int ConnectionsFull = 601;
    public const int FilesScarce = 602;
}
