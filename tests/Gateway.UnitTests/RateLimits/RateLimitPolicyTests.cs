using Gateway.Configuration;
using Gateway.RateLimits;
using Microsoft.Extensions.Configuration;

namespace Gateway.UnitTests.RateLimits;

public sealed class RateLimitPolicyTests
{
    [Theory]
    [InlineData("QueueLimit=0", "Type|PartitionBy", "is missing or unknown: set it to one of")]
    [InlineData("Type=Gcra,PartitionBy=Route", "Type", "is not one of FixedWindow, SlidingWindow, TokenBucket, Concurrency")]
    [InlineData("Type=7,PartitionBy=Route", "Type", "is missing or unknown")]
    [InlineData("Type=FixedWindow,PartitionBy=9,PermitLimit=1,Window=00:01:00", "PartitionBy", "is missing or unknown")]
    [InlineData("Type=FixedWindow,PartitionBy=Route,PermitLimit=1", "Window", "is missing: FixedWindow needs it")]
    [InlineData("Type=FixedWindow,PartitionBy=Route,PermitLimit=0,Window=00:01:00", "PermitLimit", "is not 1 to 1000000")]
    [InlineData("Type=FixedWindow,PartitionBy=Route,PermitLimit=-1,Window=00:01:00", "PermitLimit", "is not 1 to 1000000")]
    [InlineData("Type=FixedWindow,PartitionBy=Route,PermitLimit=5,Window=00:00:00", "Window", "outside 00:00:01 to 1.00:00:00")]
    [InlineData("Type=FixedWindow,PartitionBy=Route,PermitLimit=5,Window=60", "Window", "would count days")]
    [InlineData(
        "Type=FixedWindow,PartitionBy=Route,PermitLimit=5,Window=00:01:00,SegmentsPerWindow=4",
        "SegmentsPerWindow", "set Type: SlidingWindow")]
    [InlineData(
        "Type=SlidingWindow,PartitionBy=Route,PermitLimit=5,Window=00:01:00,SegmentsPerWindow=1",
        "SegmentsPerWindow", "is not 2 to 100")]
    [InlineData(
        "Type=SlidingWindow,PartitionBy=Route,PermitLimit=5,Window=00:01:00,SegmentsPerWindow=101",
        "SegmentsPerWindow", "is not 2 to 100")]
    [InlineData(
        "Type=SlidingWindow,PartitionBy=Route,PermitLimit=5,Window=00:01:00,QueueLimit=1",
        "QueueLimit", "only Concurrency lets requests wait")]
    [InlineData(
        "Type=TokenBucket,PartitionBy=Route,TokensPerPeriod=5,ReplenishmentPeriod=00:01:00",
        "TokenLimit", "is missing: TokenBucket needs it")]
    [InlineData(
        "Type=TokenBucket,PartitionBy=Route,TokenLimit=5,TokensPerPeriod=0,ReplenishmentPeriod=00:01:00",
        "TokensPerPeriod", "is not 1 to")]
    [InlineData(
        "Type=TokenBucket,PartitionBy=Route,TokenLimit=5,TokensPerPeriod=1,ReplenishmentPeriod=00:01:00,PermitLimit=5",
        "PermitLimit", "does not belong to TokenBucket")]
    [InlineData("Type=Concurrency,PartitionBy=Route", "PermitLimit", "is missing: Concurrency needs it")]
    [InlineData("Type=Concurrency,PartitionBy=Route,PermitLimit=5,Window=00:01:00", "Window", "does not belong to Concurrency")]
    [InlineData("Type=Concurrency,PartitionBy=Header,PermitLimit=5", "Header", "name the header")]
    [InlineData("Type=Concurrency,PartitionBy=Header,PermitLimit=5,Header=a b", "Header", "is not the name of a header")]
    [InlineData("Type=Concurrency,PartitionBy=Route,PermitLimit=5,Header=a", "Header", "is only read with")]
    public void Validate_BadPolicy_NamesTheKeyAndTheCure(string values, string keys, string cure)
    {
        var errors = Errors([.. values.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(v => $"Policies:p:{v}")]);

        Assert.Equal(
            keys.Split('|').Select(key => $"RateLimiter:Policies:p:{key}").Order(), errors.Select(e => e.Key).Order());
        Assert.All(errors, e => Assert.Contains(cure, e.Problem, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Type=FixedWindow,PartitionBy=ClientAddress,PermitLimit=5,Window=00:01:00,QueueLimit=0")]
    [InlineData("Type=slidingwindow,PartitionBy=caller,PermitLimit=5,Window=00:01:00,SegmentsPerWindow=2")]
    [InlineData("Type=TokenBucket,PartitionBy=Authenticator,TokenLimit=5,TokensPerPeriod=2,ReplenishmentPeriod=00:00:10")]
    [InlineData("Type=Concurrency,PartitionBy=Header,Header=X-Api-Key,PermitLimit=5,QueueLimit=10")]
    public void ToText_GoodPolicy_ReadsBackTheSame(string values)
    {
        string[] keys = [.. values.Split(',').Select(v => $"Policies:p:{v}")];
        Assert.Empty(Errors(keys));

        var policy = Section(keys).Get<RateLimitOptions>()!.Policies["p"];

        Assert.Equal(policy, RateLimitPolicy.Parse(policy.ToText()));
    }

    [Theory]
    [InlineData("Store=Redis", "RateLimiter:Redis:ConnectionString", "is missing: Store: Redis needs it")]
    [InlineData(
        "Store=Redis,Redis:ConnectionString=a:1,Redis:ConnectionStringFile=/b",
        "RateLimiter:Redis:ConnectionString",
        "take one")]
    [InlineData("Store=Redis,Redis:ConnectionStringFile=/nowhere", "RateLimiter:Redis:ConnectionStringFile", "cannot be read")]
    [InlineData("Store=Redis,Redis:ConnectionString=ssl=perhaps", "RateLimiter:Redis:ConnectionString", "is not a Redis")]
    [InlineData("Store=Redis,Redis:ConnectionString=a:1,Redis:Timeout=00:01:00", "RateLimiter:Redis:Timeout", "outside")]
    [InlineData("Store=Disk", "RateLimiter:Store", "is not one of Memory, Redis")]
    [InlineData("OnOutage=Ignore", "RateLimiter:OnOutage", "is not one of Allow, Refuse")]
    [InlineData("MaxPartitions=0", "RateLimiter:MaxPartitions", "is not 1 to")]
    [InlineData("SignInPolicy=sing-in", "RateLimiter:SignInPolicy", "did you mean")]
    public void Validate_BadOption_NamesTheKeyAndTheCure(string values, string key, string cure)
    {
        var error = Assert.Single(Errors(values.Split(',')));

        Assert.Equal(key, error.Key);
        Assert.Contains(cure, error.Problem, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("default", "has a name with a meaning of its own")]
    [InlineData("Disable", "has a name with a meaning of its own")]
    [InlineData("anonymous", "has a name with a meaning of its own")]
    [InlineData("a b", "is not a name for clients to see")]
    public void Validate_BadName_IsRefused(string name, string problem)
    {
        var errors = Errors(
            $"Policies:{name}:Type=Concurrency", $"Policies:{name}:PartitionBy=Route", $"Policies:{name}:PermitLimit=1");

        Assert.Contains(problem, Assert.Single(errors).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void QuotaPeriod_TokenBucket_IsUntilItIsFull() => Assert.Equal(
        TimeSpan.FromSeconds(30),
        new RateLimitPolicy
        {
            Type = RateLimitType.TokenBucket,
            TokenLimit = 5,
            TokensPerPeriod = 2,
            ReplenishmentPeriod = TimeSpan.FromSeconds(10),
        }.QuotaPeriod);

    /// <summary>What the gateway says of the section, as its settings are read.</summary>
    private static IReadOnlyList<ConfigError> Errors(params string[] values)
    {
        var section = Section(values);
        var errors = new ConfigErrors((IConfigurationRoot)Root(values));
        SectionChecker.Check(section, typeof(RateLimitOptions), errors);
        var bad = errors.All.Select(e => e.Key["RateLimiter:".Length..]).ToArray();
        var good = values.Where(v => !bad.Contains(v.Split('=')[0], StringComparer.OrdinalIgnoreCase)).ToArray();
        Section(good).Get<RateLimitOptions>()!.Validate(errors);
        return errors.All;
    }

    private static IConfigurationSection Section(params string[] values) => Root(values).GetSection("RateLimiter");

    private static IConfiguration Root(string[] values) => new ConfigurationBuilder().AddInMemoryCollection(
        values.Append("Policies:sign-in:Type=Concurrency").Append("Policies:sign-in:PartitionBy=Route")
            .Append("Policies:sign-in:PermitLimit=1")
            .Select(v => v.Split('=', 2)).Select(v => KeyValuePair.Create($"RateLimiter:{v[0]}", (string?)v[1]))).Build();
}
