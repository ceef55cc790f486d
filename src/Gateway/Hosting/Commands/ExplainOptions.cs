using System.CommandLine;
using System.Text.Json;
using Gateway.Access;

namespace Gateway.Hosting.Commands;

/// <summary>What <c>gateway explain</c> can be told.</summary>
internal sealed class ExplainOptions(Option<string?> config)
{
    public const string Usage = "write gateway explain GET https://host/path";

    private readonly Argument<string?> _method = new("METHOD")
    {
        Description = "GET, POST and so on.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Argument<string?> _url = new("URL")
    {
        Description = "Absolute, or a path of this gateway.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string[]> _headers = new("--header", "-H")
    {
        Description = "A header of the request, \"Name: value\"; several times.",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<string?> _client = new("--client") { Description = "The client's address; default: this machine." };

    private readonly Option<string?> _session = new("--session")
    {
        Description = "The caller: a file with what Kratos' whoami answers; - is standard input. Kratos is not asked; a token or "
            + "cookie beside it is what the request carries.",
    };

    private readonly Option<string?> _sessionToken = new("--session-token")
    {
        Description = "The caller's session token; Kratos is asked.",
    };

    private readonly Option<string?> _cookie = new("--cookie")
    {
        Description = "The caller's cookies, or the session cookie's value alone; Kratos is asked.",
    };

    private readonly Option<string?> _address = new("--url")
    {
        Description = "Asks the gateway whose management listener is there, such as http://127.0.0.1:8001.",
    };

    public Option<string?> Config { get; } = config;

    public Option<bool> Running { get; } = new("--running") { Description = "Asks the gateway that runs at Management:Url." };

    public Option<string?> TokenFile { get; } = new("--token-file")
    {
        Description = "The file with the token of a running gateway's management listener; default: Management:TokenFile.",
    };

    public Option<bool> Json { get; } = new("--json") { Description = "Answers as one JSON record, for programs." };

    public void AddTo(Command command)
    {
        command.Arguments.Add(_method);
        command.Arguments.Add(_url);
        Option[] all =
            [Config, _headers, _client, _session, _sessionToken, _cookie, Json, Running, _address, TokenFile];
        foreach (var option in all)
            command.Options.Add(option);
    }

    /// <exception cref="ExplainException">It is none.</exception>
    public async Task<ExplainRequest> ReadAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (method, url) = (parsed.GetValue(_method), parsed.GetValue(_url));
        if (method is null) throw new ExplainException($"Which request? {Capital(Usage)}.");
        if (url is null) throw new ExplainException($"\"{method}\" is only a method or a URL, both are needed: {Usage}.");
        return new()
        {
            Method = method,
            Url = url,
            Headers = parsed.GetValue(_headers) ?? [],
            Client = parsed.GetValue(_client),
            Session = await SessionAsync(parsed.GetValue(_session), cancellationToken),
            SessionToken = parsed.GetValue(_sessionToken),
            Cookie = parsed.GetValue(_cookie),
        };
    }

    /// <summary>The management address of the gateway to ask; null: none was given.</summary>
    /// <exception cref="ExplainException">It is no address.</exception>
    public Uri? Address(ParseResult parsed)
    {
        if (parsed.GetValue(_address) is not { } text) return null;
        if (parsed.GetValue(Running)) throw new ExplainException("--running and --url name two gateways: leave one of them out.");
        return Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url
            : throw new ExplainException($"\"{text}\" is no management address: write --url http://127.0.0.1:8001.");
    }

    private static async Task<JsonElement?> SessionAsync(string? file, CancellationToken cancellationToken)
    {
        if (file is null) return null;
        var name = file is "-" ? "Standard input" : file;
        try
        {
            var text = file is "-"
                ? await Console.In.ReadToEndAsync(cancellationToken)
                : await File.ReadAllTextAsync(file, cancellationToken);
            return JsonSerializer.Deserialize<JsonElement>(text);
        }
        catch (JsonException)
        {
            throw new ExplainException($"{name} is not JSON: save what GET /sessions/whoami answers.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ExplainException($"{name} cannot be read: {e.Message}");
        }
    }

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
