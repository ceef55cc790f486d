using Gateway.Configuration;

namespace Gateway.RateLimits;

/// <summary>What a policy may not say, and what cures it.</summary>
/// <param name="named">Keys whose values were found bad already.</param>
internal sealed class RateLimitPolicyCheck(string key, ConfigErrors errors, IReadOnlyCollection<string> named)
{
    /// <summary>The numbers and times of each type; whatever else is set belongs to another.</summary>
    private static readonly Dictionary<RateLimitType, string[]> Properties = new()
    {
        [RateLimitType.FixedWindow] = [nameof(RateLimitPolicy.PermitLimit), nameof(RateLimitPolicy.Window)],
        [RateLimitType.SlidingWindow] =
            [nameof(RateLimitPolicy.PermitLimit), nameof(RateLimitPolicy.Window), nameof(RateLimitPolicy.SegmentsPerWindow)],
        [RateLimitType.TokenBucket] =
        [
            nameof(RateLimitPolicy.TokenLimit),
            nameof(RateLimitPolicy.TokensPerPeriod),
            nameof(RateLimitPolicy.ReplenishmentPeriod),
        ],
        [RateLimitType.Concurrency] = [nameof(RateLimitPolicy.PermitLimit)],
    };

    public void Run(RateLimitPolicy policy)
    {
        CheckPartition(policy);
        if (policy.Type is not { } type || !Properties.TryGetValue(type, out var properties))
        {
            Add(nameof(policy.Type), $"is missing or unknown: set it to one of {string.Join(", ", Properties.Keys)}");
            return;
        }

        CheckNumber(nameof(policy.PermitLimit), policy.PermitLimit, RateLimitPolicy.MostPermits, "how many requests pass");
        CheckNumber(nameof(policy.TokenLimit), policy.TokenLimit, RateLimitPolicy.MostPermits, "how many pass at once");
        CheckNumber(nameof(policy.TokensPerPeriod), policy.TokensPerPeriod, RateLimitPolicy.MostPermits, "how many come back");
        CheckTime(nameof(policy.Window), policy.Window);
        CheckTime(nameof(policy.ReplenishmentPeriod), policy.ReplenishmentPeriod);
        if (policy.SegmentsPerWindow is { } segments && segments is < 2 or > RateLimitPolicy.MostSegments)
            Add(
                nameof(policy.SegmentsPerWindow),
                $"is not 2 to {RateLimitPolicy.MostSegments}: in one step it would be a FixedWindow; leave it out for 6");
        CheckQueue(policy, type);

        void CheckNumber(string name, int? value, int most, string meaning)
        {
            if (!Belongs(name, value is not null)) return;
            if (value is null)
                Add(name, $"is missing: {type} needs it, a number that says {meaning}");
            else if (value < 1 || value > most)
                Add(name, $"is not 1 to {most}; without a limit: take the route's RateLimiterPolicy out");
        }

        void CheckTime(string name, TimeSpan? value)
        {
            if (!Belongs(name, value is not null)) return;
            var (least, most) = (RateLimitPolicy.ShortestWindow, RateLimitPolicy.LongestWindow);
            if (value is null)
                Add(name, $"is missing: {type} needs it, such as 00:01:00");
            else
                errors.RequireRange($"{key}:{name}", value.Value, least, most);
        }

        bool Belongs(string name, bool isSet)
        {
            if (properties.Contains(name)) return true;
            if (isSet)
                Add(name, $"does not belong to {type}, which has {string.Join(", ", properties)}: take it out");
            return false;
        }
    }

    private void CheckPartition(RateLimitPolicy policy)
    {
        var header = policy.PartitionBy is PartitionSource.Header;
        if (policy.PartitionBy is not { } by || !Enum.IsDefined(by))
            Add(
                nameof(policy.PartitionBy),
                $"is missing or unknown: set it to one of {string.Join(", ", Enum.GetNames<PartitionSource>())}");
        if (header && string.IsNullOrEmpty(policy.Header))
            Add(nameof(policy.Header), "is missing: name the header by whose value requests are counted");
        else if (header && policy.Header!.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')))
            Add(nameof(policy.Header), "is not the name of a header: use letters, digits, - and _");
        else if (!header && policy.Header is not null)
            Add(nameof(policy.Header), "is only read with PartitionBy: Header");
    }

    private void CheckQueue(RateLimitPolicy policy, RateLimitType type)
    {
        if (policy.SegmentsPerWindow is not null && type is not RateLimitType.SlidingWindow)
            Add(nameof(policy.SegmentsPerWindow), $"does not belong to {type}: take it out, or set Type: SlidingWindow");
        if (policy.QueueLimit is < 0 or > RateLimitPolicy.MostPermits)
            Add(nameof(policy.QueueLimit), $"is not 0 to {RateLimitPolicy.MostPermits}");
        else if (policy.QueueLimit > 0 && type is not RateLimitType.Concurrency)
            Add(
                nameof(policy.QueueLimit),
                $"has to be 0 with {type}: only Concurrency lets requests wait; the others tell clients when to come again");
    }

    private void Add(string name, string problem)
    {
        if (!named.Contains($"{key}:{name}", StringComparer.OrdinalIgnoreCase))
            errors.Add($"{key}:{name}", problem);
    }
}
