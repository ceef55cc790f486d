using Gateway.Configuration;

namespace Gateway.SelfService;

/// <summary>The self-service UI (login, registration, settings …), published by the gateway beside the services.</summary>
internal sealed class SelfServiceOptions
{
    public const string Section = "SelfService";

    /// <summary>Where the gateway reaches the UI; unset: none is published.</summary>
    public Uri? Url { get; init; }

    /// <summary>The path under which it is published. It is kept, not removed (the UI's own <c>BASE_PATH</c>).</summary>
    public string Path { get; init; } = "/auth";

    /// <summary>Where <c>/</c> redirects to.</summary>
    public string Home { get; init; } = "/auth/welcome";

    public void Validate(ConfigErrors errors)
    {
        if (Url is not null)
            errors.RequireHttpUrl($"{Section}:{nameof(Url)}", Url, "the address where the gateway reaches the self-service UI");
        errors.RequirePathPrefix($"{Section}:{nameof(Path)}", Path, mayBeEmpty: false);
        errors.RequirePathPrefix($"{Section}:{nameof(Home)}", Home, mayBeEmpty: false);
    }
}
