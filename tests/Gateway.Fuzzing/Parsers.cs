using System.Text;
using System.Text.Json;
using Gateway.Configuration;
using Gateway.Forwarding;
using Gateway.Kratos;
using Gateway.Sessions.Credentials;
using Gateway.Targets;

namespace Gateway.Fuzzing;

/// <summary>
/// What reads text from outside. Each fails by an exception that is not its own way of refusing, or by breaking its promise.
/// Nothing of the gateway may be used before the first input: its instructions count into memory that AFL++ gives with it.
/// </summary>
internal static class Parsers
{
    private static readonly JsonElement Session = JsonSerializer.Deserialize<JsonElement>(
        """{"id":"s","identity":{"id":"i","traits":{"email":"a@b","name":{"first":"A"},"groups":["x",1]}}}""");

    public static readonly IReadOnlyDictionary<string, Action<byte[]>> ByName = new Dictionary<string, Action<byte[]>>
    {
        ["target"] = input => Target(Latin1(input)),
        ["template"] = input => Template(Latin1(input)),
        ["cookies"] = input => Cookies(Latin1(input)),
        ["whoami"] = input => WhoamiReader.Read(input, DateTimeOffset.UnixEpoch),
        ["yaml"] = Yaml,
        ["host"] = input => HostPattern.Problem(Latin1(input)),
    };

    private static string Latin1(byte[] input) => Encoding.Latin1.GetString(input);

    /// <summary>What is let through has no dot segment, decoded once by the simplest decoder there is.</summary>
    private static void Target(string target)
    {
        var raw = target.Split('?')[0];
        var path = Uri.UnescapeDataString(raw.Replace("%2F", "%252F", StringComparison.OrdinalIgnoreCase));
        if (!TargetCheck.IsUnambiguous(target, path, out _)) return;
        var segments = Uri.UnescapeDataString(raw).Split('/').Select(segment => segment.Split(';')[0]);
        Promise(!segments.Any(segment => segment is "." or ".."), "a dot segment was let through");
    }

    /// <summary>A template without a problem is parsed, and renders a value that can stand in a header.</summary>
    private static void Template(string template)
    {
        if (HeaderTemplate.Problem(template) is not null) return;
        var text = HeaderTemplate.Parse(template).Render(new(Session));
        var value = HeaderValue.Of(text, UnsendableValue.Omit) ?? "";
        Promise(
            ReferenceEquals(value, HeaderValue.Unsendable)
                || !value.AsSpan().ContainsAny('\r', '\n', '\0') && value.Length <= HeaderValue.MaxLength,
            "a value cannot stand in a header");
    }

    /// <summary>The pairs are those of the plainest reading, and no session cookie is left over.</summary>
    private static void Cookies(string line)
    {
        var pairs = new List<string>();
        foreach (var range in new CookiePairs(line))
            pairs.Add(line[range]);
        var plain = line.Split(';').Select(pair => pair.Trim(' ', '\t')).Where(pair => pair.Length > 0);
        Promise(pairs.SequenceEqual(plain), "other pairs");
        var left = new CredentialReader("ory_kratos_session").WithoutKratosCookies(line) ?? "";
        // A name without an equals sign has no value that could be a credential.
        var names = left.Split(';')
            .Select(pair => pair.Split('='))
            .Where(pair => pair.Length > 1)
            .Select(pair => pair[0].Trim(' ', '\t'));
        Promise(!names.Contains("ory_kratos_session"), "a session cookie was left over");
    }

    private static void Yaml(byte[] input)
    {
        try
        {
            YamlFile.Read(new MemoryStream(input));
        }
        catch (FormatException)
        {
            // a refusal in words
        }
    }

    private static void Promise(bool kept, string broken)
    {
        if (!kept) throw new InvalidOperationException(broken);
    }
}
