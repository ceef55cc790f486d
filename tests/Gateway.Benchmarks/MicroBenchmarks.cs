using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Gateway.Decisions;
using Gateway.Forwarding;
using Gateway.Forwarding.Mutators;
using Gateway.Kratos;
using Gateway.Rules;
using Gateway.Rules.Conditions;
using Gateway.Sessions.Credentials;
using Gateway.Targets;

namespace Gateway.Benchmarks;

/// <summary>Credential to cache key: found in the headers, hashed, without copying it.</summary>
[MemoryDiagnoser]
public class CredentialBenchmarks
{
    private readonly CredentialReader _reader = new("ory_kratos_session");
    private readonly HeaderDictionary _cookie = new()
    {
        ["Cookie"] = "theme=dark; csrf_token_0a1b2c=S0FuQmVoaWw4c1h6; ory_kratos_session=" + new string('M', 400),
    };
    private readonly HeaderDictionary _token = new() { ["X-Session-Token"] = "ory_st_OL4oGl2SHFEjF38Ckxb83IHdLd2ycxa0" };

    [Benchmark]
    public int Cookie() => Key(_cookie);

    [Benchmark]
    public int SessionToken() => Key(_token);

    private int Key(HeaderDictionary headers)
    {
        return _reader.TryRead(headers, out var credential) ? credential.Key().GetHashCode() : 0;
    }
}

/// <summary>Kratos' answer read, as far as the cached session goes.</summary>
[MemoryDiagnoser]
public class WhoamiReaderBenchmarks
{
    private readonly byte[] _body = System.Text.Encoding.UTF8.GetBytes(Samples.Session);

    [Benchmark]
    public void Read() => WhoamiReader.Read(_body, DateTimeOffset.UnixEpoch).Json!.Dispose();
}

/// <summary>Three conditions on one session.</summary>
[MemoryDiagnoser]
public class RuleBenchmarks
{
    private static readonly KratosSession Session = WhoamiReader.Read(
        System.Text.Encoding.UTF8.GetBytes(Samples.Session),
        DateTimeOffset.UnixEpoch).Session!;

    private static readonly Caller Caller = new(Session.IdentityId, "kratos", Session.ExpiresAt)
    {
        Session = new(
            Session.Id,
            Session.SchemaId,
            Session.AssuranceLevel,
            Session.AuthenticatedAt,
            Session.VerifiedEmails,
            Session.Traits),
    };

    private readonly AccessRule _rule = new("three", SessionRequirement.Required, [
        new VerifiedEmailCondition(),
        new AssuranceLevelCondition(AssuranceLevel.Aal1),
        new TraitCondition(new("email"), new EndsWithTest("@example.org")),
    ]);

    [Benchmark]
    public bool Check() => _rule.Check(new RuleContext(Caller, DateTimeOffset.UnixEpoch)) is null;
}

/// <summary>Whether each of a browser's twelve headers is reserved.</summary>
[MemoryDiagnoser]
public class HeaderGuardBenchmarks
{
    private static readonly string[] Names =
    [
        "Host", "User-Agent", "Accept", "Accept-Language", "Accept-Encoding", "Referer", "Sec-Fetch-Dest", "Sec-Fetch-Mode",
        "Sec-Fetch-Site", "Priority", "DNT", "Cookie",
    ];
    private readonly ReservedHeaders _reserved = new(
        new ForwardingOptions().Headers.Keys, new ForwardingOptions().RemovalOf([], fromTrustedProxy: false));

    [Benchmark]
    public int TwelveHeaders()
    {
        var found = 0;
        foreach (var name in Names)
            if (_reserved.Contains(name))
                found++;
        return found;
    }
}

/// <summary>The proof that a target is unambiguous.</summary>
[MemoryDiagnoser]
public class TargetGuardBenchmarks
{
    [Params("/hello/world?x=1", "/files/caf%C3%A9/a%20b?x=%2F", "/.well-known/x")]
    public string Target { get; set; } = "";

    private string _path = "";

    [GlobalSetup]
    public void Decode() => _path = Uri.UnescapeDataString(Target.Split('?')[0]);

    [Benchmark]
    public bool IsUnambiguous() => TargetCheck.IsUnambiguous(Target, _path, out _);
}

/// <summary>The four identity headers of a session; done once when it is cached.</summary>
[MemoryDiagnoser]
public class HeaderTemplateBenchmarks
{
    private readonly IdentityHeadersMutator _headers = new(new ForwardingOptions());
    private readonly JsonElement _session = JsonDocument.Parse(Samples.Session).RootElement;

    [Benchmark]
    public int FourHeaders() => _headers.Render(_session).Length;
}
