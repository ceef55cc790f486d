namespace Gateway.Configuration;

/// <summary>One mistake in the configuration: where it stands, what stands there, and the cure.</summary>
internal sealed record ConfigError(string Source, string Key, string? Value, string Problem)
{
    public override string ToString() =>
        Value is null ? $"{Source}: {Key} {Problem}" : $"{Source}: {Key} = \"{Value}\" {Problem}";
}

/// <summary>Collects every mistake of one load, so that all are reported at once.</summary>
internal sealed class ConfigErrors(IConfigurationRoot root)
{
    private readonly List<ConfigError> _errors = [];

    public IReadOnlyList<ConfigError> All => _errors;

    public bool Any => _errors.Count > 0;

    /// <summary>Adds a mistake at <paramref name="key"/>; its source and value are looked up.</summary>
    public void Add(string key, string problem) =>
        _errors.Add(new(ConfigSource.Of(root, key), key, ConfigSource.Shown(key, root[key]), problem));

    /// <summary>Adds what is wrong with the part of the configuration at <paramref name="key"/>.</summary>
    public void Add(string key, PlacedProblems problems)
    {
        foreach (var (place, problem) in problems.All)
            Add(key + place, problem);
    }

    /// <summary>Adds a mistake whose place is known already.</summary>
    public void Add(ConfigError error) => _errors.Add(error);

    public void RequireHttpUrl(string key, Uri? url, string meaning)
    {
        if (url is null)
            Add(key, $"is missing: set it to {meaning}");
        else if (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https") || url.Host.Length == 0)
            Add(key, "is not an absolute http:// or https:// URL");
        else if (url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0)
            Add(key, "must not contain credentials, a query or a fragment");
    }

    public void RequireRange(string key, TimeSpan value, TimeSpan least, TimeSpan most)
    {
        if (value < least || value > most)
            Add(key, $"is {value}, outside {least} to {most} (write hh:mm:ss)");
    }

    public void RequirePathPrefix(string key, string path, bool mayBeEmpty)
    {
        if (path.Length == 0 && mayBeEmpty) return;
        if (!PathPrefix.IsWellFormed(path))
            Add(key, "is not a path prefix: write it as /name, without a slash at the end");
    }
}
