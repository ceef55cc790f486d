using Gateway.Configuration;
using Npgsql;

namespace Gateway.Replication;

/// <summary>How replicas hear of each other's revocations.</summary>
internal sealed class ReplicationOptions
{
    public const string Section = "Replication";

    /// <summary>PostgreSQL that all replicas reach; unset: replication is off.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>Notification channel; replicas with the same one hear each other.</summary>
    public string Channel { get; init; } = "gateway_revocations";

    /// <summary>While the connection is lost, verdicts are trusted for at most this long. At most 1 minute.</summary>
    public TimeSpan CacheDurationWhileLost { get; init; } = TimeSpan.FromSeconds(5);

    public bool Enabled => !string.IsNullOrEmpty(ConnectionString);

    public void Validate(ConfigErrors errors)
    {
        var duration = $"{Section}:{nameof(CacheDurationWhileLost)}";
        var connection = $"{Section}:{nameof(ConnectionString)}";
        errors.RequireRange(duration, CacheDurationWhileLost, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        if (Channel.Length is 0 or > 63 || Channel.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '_'))
            errors.Add($"{Section}:{nameof(Channel)}", "is not a channel name: use small letters, digits and _, 63 at most");
        try
        {
            if (Enabled && string.IsNullOrEmpty(new NpgsqlConnectionStringBuilder(ConnectionString).Host))
                errors.Add(connection, "names no Host: write Host=…;Database=…;Username=…;Password=…");
        }
        catch (ArgumentException)
        {
            // its message may repeat the value
            errors.Add(
                connection, "is not a PostgreSQL connection string: write Host=…;Database=…;Username=…;Password=…");
        }
    }
}
