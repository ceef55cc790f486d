using Gateway.Configuration;

namespace Gateway.Kratos;

/// <summary>Where Kratos is and how the gateway talks to it.</summary>
internal sealed class KratosOptions
{
    public const string Section = "Kratos";

    /// <summary>Where the gateway reaches Kratos' public API. Required.</summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>Name of the session cookie (Kratos: <c>session.cookie.name</c>).</summary>
    public string SessionCookie { get; init; } = "ory_kratos_session";

    /// <summary>The longest a request waits for Kratos' verdict, readiness check included. 100 ms to 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The most calls of the gateway's own to Kratos at once; others wait for half of <see cref="Timeout"/>. 8 to 10,000.
    /// </summary>
    public int MaxConcurrentCalls { get; init; } = 256;

    /// <summary>The path under which the gateway publishes Kratos' public API; empty: not published.</summary>
    public string Path { get; init; } = "/kratos";

    public void Validate(ConfigErrors errors)
    {
        const string Meaning = "the address where the gateway reaches Kratos' public API, such as http://kratos:4433";
        errors.RequireHttpUrl($"{Section}:{nameof(PublicUrl)}", PublicUrl, Meaning);
        errors.RequireRange($"{Section}:{nameof(Timeout)}", Timeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30));
        if (MaxConcurrentCalls is < 8 or > 10_000)
            errors.Add($"{Section}:{nameof(MaxConcurrentCalls)}", $"is {MaxConcurrentCalls}, outside 8 to 10,000");
        errors.RequirePathPrefix($"{Section}:{nameof(Path)}", Path, mayBeEmpty: true);
        if (SessionCookie.Length == 0 || SessionCookie.Any(c => c is <= ' ' or > '~' or '=' or ';' or ',' or '"'))
            errors.Add(
                $"{Section}:{nameof(SessionCookie)}", "is not a cookie name: name the cookie of Kratos' session.cookie.name");
    }
}
