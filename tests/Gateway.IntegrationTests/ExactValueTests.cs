using System.Text.Json.Nodes;
using DevKratos;
using Gateway.IntegrationTests.Harness;
using Microsoft.Extensions.Logging;

namespace Gateway.IntegrationTests;

/// <summary>
/// A value reaches a service as it is, or not at all: two people whom a rule tells apart are never one to the service.
/// </summary>
public sealed class ExactValueTests
{
    private const StringComparison Exactly = StringComparison.Ordinal;
    private const string Omit = "Omit";
    private const string PercentEncode = "PercentEncode";

    private const string Yaml = """
        Forwarding: { IdentityHeaders: { X-User-Name: "{identity.traits.name.first}" } }
        AccessRules:
          told:
            Session: Required
            Mutators:
              - Headers:
                  X-Told: "{identity.traits.name.first}"
                  X-Whole: "{identity.traits.name.first} {identity.traits.name.last}"
                  X-Asked: "{identity.traits.name.first}{request.query.none}"
              - Cookies: { told: "{identity.traits.name.first}" }
        ReverseProxy:
          Routes:
            plain: { ClusterId: echo, AuthorizationPolicy: told, Match: { Path: "/plain/{**rest}" } }
            transformed:
              ClusterId: echo
              AuthorizationPolicy: told
              Match: { Path: "/transformed/{**rest}" }
              Transforms: [ { RequestHeader: X-Extra, Set: more } ]
          Clusters:
            echo: { Destinations: { a: { Address: "{service}" } } }
        """;

    /// <summary>A first name, what a header says of it, and what a cookie does. Null: nothing.</summary>
    public static TheoryData<string, string, string?, string> Names => new()
    {
        { Omit, "admin", "admin", "admin" },
        { Omit, "ad min", "ad min", "\"ad min\"" },
        { Omit, "100%25", "100%25", "100%2525" },
        { Omit, "Zoë Ølsen 😀", "Zoë Ølsen 😀", "\"Zo%C3%AB %C3%98lsen %F0%9F%98%80\"" },
        { Omit, "аdmin", "аdmin", "%D0%B0dmin" }, // Cyrillic
        { Omit, "ad\u0001min", null, "ad%01min" },
        { Omit, "admin\u0000", null, "admin%00" },
        { Omit, "admin\r\nX-Admin: 1", null, "\"admin%0D%0AX-Admin: 1\"" },
        { Omit, "ad\tmin", null, "ad%09min" },
        { Omit, "ad\u007fmin", null, "ad%7Fmin" },
        { Omit, "ad\u0085min", null, "ad%C2%85min" },
        { Omit, " admin", null, "%20admin" },
        { Omit, "admin ", null, "admin%20" },
        { Omit, "\u00a0admin", null, "%C2%A0admin" },
        { Omit, "admin\u3000", null, "admin%E3%80%80" },
        { Omit, "  ", null, "%20%20" },
        { PercentEncode, "admin", "admin", "admin" },
        { PercentEncode, "ad min", "ad min", "\"ad min\"" },
        { PercentEncode, "ad%01min", "ad%2501min", "ad%2501min" },
        { PercentEncode, "ad\u0001min", "ad%01min", "ad%01min" },
        { PercentEncode, " admin ", "%20admin%20", "%20admin%20" },
        { PercentEncode, "admin\r\nX-Admin: 1", "admin%0D%0AX-Admin: 1", "\"admin%0D%0AX-Admin: 1\"" },
        { PercentEncode, "Zoë \"Ø; \\", "Zo%C3%AB \"%C3%98; \\", "\"Zo%C3%AB %22%C3%98%3B %5C\"" },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_value_is_sent_exactly_or_not_at_all(string unsendable, string name, string? header, string cookie)
    {
        await using var system = await TestSystem.StartAsync(
            unsendable is Omit ? [] : [$"--Forwarding:OnUnsendableValue={unsendable}"], Yaml);
        var session = await SignInAsync(system, name);
        foreach (var path in (string[])["/plain/x", "/transformed/x"])
        {
            var got = await system.ForwardedAsync(path, $"X-Session-Token: {session.Token}", "X-User-Name: eve", "X-Told: eve");

            Assert.Equal(header, got.Header("X-User-Name"));
            Assert.Equal(header, got.Header("X-Told"));
            Assert.Equal(header, got.Header("X-Asked"));
            Assert.Equal($"told={cookie}", got.Header("Cookie"));
            Assert.Null(got.Header("X-Admin"));
        }
    }

    [Fact]
    public async Task A_blank_of_the_templates_own_is_no_part_of_a_name_that_ends_there()
    {
        await using var system = await TestSystem.StartAsync(yaml: Yaml);
        var session = await SignInAsync(system, "Ann");

        var got = await system.ForwardedAsync("/plain/x", $"X-Session-Token: {session.Token}");

        Assert.Equal("Ann", got.Header("X-Whole"));
    }

    [Fact]
    public async Task The_log_says_once_for_a_route_that_a_value_was_not_sent_and_never_the_value()
    {
        using var log = new CapturedLog();
        await using var system = await TestSystem.StartAsync(
            ["--Logging:LogLevel:Gateway=Information"], Yaml, customize: builder => builder.Logging.AddProvider(log));
        for (var i = 0; i < 2; i++)
        {
            var session = await SignInAsync(system, $"secret\u0001{i}");
            foreach (var path in (string[])["/plain/x", "/plain/y", "/transformed/x"])
                await system.ForwardedAsync(path, $"X-Session-Token: {session.Token}");
        }

        var lines = log.Text.Split('\n').Where(line => line.Contains(" 450: ", StringComparison.Ordinal)).ToArray();
        string[] headers = ["X-User-Name", "X-Told", "X-Whole", "X-Asked"];
        Assert.Equal(2 * headers.Length, lines.Length);
        foreach (var header in headers)
            foreach (var route in (string[])["plain", "transformed"])
                Assert.Single(lines, line => line.Contains($"{header} is not sent to the service of route {route} ", Exactly));
        Assert.DoesNotContain("secret", log.Text, StringComparison.Ordinal);
    }

    private static async Task<DevSession> SignInAsync(TestSystem system, string name)
    {
        var names = new JsonObject { ["first"] = name };
        var traits = new JsonObject { ["email"] = $"{Guid.NewGuid():N}@example.org", ["name"] = names };
        return system.Kratos.SignIn((await system.Kratos.CreateIdentityAsync(traits: traits)).Id);
    }
}
