using Gateway.Configuration;
using StackExchange.Redis;

namespace Gateway.RateLimits;

internal enum RateLimitStore
{
    /// <summary>Each replica counts for itself.</summary>
    Memory,

    /// <summary>All replicas count together.</summary>
    Redis,
}

/// <summary>What becomes of a request that Redis does not count.</summary>
internal enum RateLimitOutage { Allow, Refuse }

/// <summary>Rate limits, by the name that a route's <c>RateLimiterPolicy</c> gives.</summary>
internal sealed record RateLimitOptions
{
    public const string Section = "RateLimiter";

    /// <summary>The keys whose values may be written as <see cref="Duration"/> reads them.</summary>
    public static readonly string[] Durations =
    [
        nameof(RateLimitPolicy.Window), nameof(RateLimitPolicy.ReplenishmentPeriod), nameof(RedisOptions.Timeout),
    ];

    private const int LongestName = 64;

    /// <summary>The keys that only a start reads; policies are taken over while running.</summary>
    public static readonly string[] StartOnly =
    [
        $"{Section}:{nameof(MaxPartitions)}", $"{Section}:{nameof(Store)}", $"{Section}:{nameof(OnOutage)}",
        $"{Section}:{nameof(Redis)}",
    ];

    public IReadOnlyDictionary<string, RateLimitPolicy> Policies { get; init; } =
        new Dictionary<string, RateLimitPolicy>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The policy for what is posted to Kratos' login, recovery and registration; <c>disable</c>: none.</summary>
    public string SignInPolicy { get; init; } = "sign-in";

    /// <summary>How many callers, addresses and so on each policy counts apart; the rest shares one bucket.</summary>
    public int MaxPartitions { get; init; } = 100_000;

    public RateLimitStore Store { get; init; }

    public RateLimitOutage OnOutage { get; init; }

    public RedisOptions Redis { get; init; } = new();

    /// <summary>Whether a route's name for its policy means that it has none.</summary>
    public static bool MeansNone(string? name) =>
        string.IsNullOrEmpty(name) || PolicyNames.IsDefault(name) || PolicyNames.IsDisable(name);

    /// <summary>The same with full paths: a relative one starts at <paramref name="folder"/>.</summary>
    public RateLimitOptions In(string folder) =>
        string.IsNullOrEmpty(Redis.ConnectionStringFile)
            ? this
            : this with { Redis = Redis with { ConnectionStringFile = Path.GetFullPath(Redis.ConnectionStringFile, folder) } };

    public void Validate(ConfigErrors errors)
    {
        foreach (var (name, policy) in Policies)
        {
            var key = $"{Section}:{nameof(Policies)}:{name}";
            if (PolicyNames.IsReserved(name))
                errors.Add(key, "has a name with a meaning of its own: choose another");
            if (name.Length > LongestName || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')))
                errors.Add(key, $"is not a name for clients to see: use letters, digits, -, _ and ., {LongestName} at most");
            policy.Validate(key, errors);
        }
        if (!MeansNone(SignInPolicy) && !Policies.ContainsKey(SignInPolicy))
            errors.Add(
                $"{Section}:{nameof(SignInPolicy)}",
                $"names no rate limit policy{Suggestion.For(SignInPolicy, Policies.Keys)}; disable switches it off");
        if (MaxPartitions is < 1 or > 10_000_000)
            errors.Add($"{Section}:{nameof(MaxPartitions)}", "is not 1 to 10000000");
        if (Store is RateLimitStore.Redis)
            Redis.Validate($"{Section}:{nameof(Redis)}", errors);
    }
}

/// <summary>The Redis in which replicas count together.</summary>
internal sealed record RedisOptions
{
    /// <summary>As StackExchange.Redis reads it: <c>host:6379,password=…,ssl=true</c>.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>A file that holds it instead.</summary>
    public string? ConnectionStringFile { get; init; }

    /// <summary>The longest a request waits for Redis. 10 ms to 5 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>What all keys of this installation have in common.</summary>
    public string KeyPrefix { get; init; } = "gateway";

    /// <summary>What the connection is made of.</summary>
    public ConfigurationOptions Read()
    {
        var text = ConnectionStringFile is { Length: > 0 } file ? File.ReadAllText(file).Trim() : ConnectionString;
        var redis = ConfigurationOptions.Parse(text ?? "");
        redis.AbortOnConnectFail = false; // it comes back, and is waited for in the background
        redis.BacklogPolicy = BacklogPolicy.FailFast;
        redis.AsyncTimeout = (int)Timeout.TotalMilliseconds;
        redis.ClientName ??= "gateway";
        return redis;
    }

    public void Validate(string key, ConfigErrors errors)
    {
        errors.RequireRange($"{key}:{nameof(Timeout)}", Timeout, TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(5));
        if (KeyPrefix.Length is 0 or > 64 || KeyPrefix.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')))
            errors.Add($"{key}:{nameof(KeyPrefix)}", "is not a prefix: use letters, digits, -, _ and ., 64 at most");
        var connection = $"{key}:{nameof(ConnectionString)}";
        var set = (IsSet(ConnectionString), IsSet(ConnectionStringFile));
        if (set is (true, true))
            errors.Add(connection, $"is set beside {nameof(ConnectionStringFile)}: take one of them out");
        else if (set is (false, false))
            errors.Add(connection, $"is missing: Store: Redis needs it, or {nameof(ConnectionStringFile)}, such as redis:6379");
        else
            ValidateConnection(set.Item1 ? connection : $"{key}:{nameof(ConnectionStringFile)}", errors);
    }

    private void ValidateConnection(string key, ConfigErrors errors)
    {
        try
        {
            if (Read().EndPoints.Count == 0)
                errors.Add(key, "names no server: write host:6379,password=…");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.Add(key, "is a file that cannot be read");
        }
        catch (ArgumentException)
        {
            // its message may repeat the value
            errors.Add(key, "is not a Redis connection string: write host:6379,password=…");
        }
    }

    private static bool IsSet(string? text) => !string.IsNullOrEmpty(text);
}
