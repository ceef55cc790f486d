using Gateway.Configuration;

namespace Gateway.Sessions;

/// <summary>How long Kratos' verdicts are trusted.</summary>
internal sealed class SessionCacheOptions
{
    public const string Section = "Sessions";

    /// <summary>How long a verdict of Kratos is trusted; 0 asks every time. At most 1 hour.</summary>
    public TimeSpan CacheDuration { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a definite "no such session" is remembered; 0 = never. At most 1 minute.</summary>
    public TimeSpan NegativeCacheDuration { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long past <see cref="CacheDuration"/> a verdict may serve while Kratos gives none; 0 = never. At most 1 day.
    /// </summary>
    public TimeSpan StaleIfError { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The most sessions kept; of refused credentials a tenth as many, at least 100.</summary>
    public int MaxEntries { get; init; } = 100_000;

    public void Validate(ConfigErrors errors)
    {
        errors.RequireRange($"{Section}:{nameof(CacheDuration)}", CacheDuration, TimeSpan.Zero, TimeSpan.FromHours(1));
        errors.RequireRange(
            $"{Section}:{nameof(NegativeCacheDuration)}", NegativeCacheDuration, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        errors.RequireRange($"{Section}:{nameof(StaleIfError)}", StaleIfError, TimeSpan.Zero, TimeSpan.FromDays(1));
        if (MaxEntries is < 100 or > 10_000_000)
            errors.Add($"{Section}:{nameof(MaxEntries)}", $"is {MaxEntries}, outside 100 to 10,000,000");
    }
}
