using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>An address lets in whoever has shown it to be theirs, and nobody for another address of theirs.</summary>
public sealed class VerifiedAddressTests
{
    private const string Token = "ory_st_x";
    private const string Both = "VerifiedEmail: true }, { Trait: { Path: email, EndsWith: \"@corp.example\" }";
    private const string Swapped = "Trait: { Path: email, EndsWith: \"@corp.example\" } }, { VerifiedEmail: true";
    private const string One = "VerifiedEmail: { Trait: email, EndsWith: \"@corp.example\" }";
    private const string OfLists = "VerifiedEmail: { Trait: emails, EndsWith: \"@corp.example\" }";
    private const string OfOneInList = "VerifiedEmail: true }, { Trait: { Path: emails, Contains: \"ann@corp.example\" }";

    /// <summary>Conditions, traits, verified addresses; the reason for a refusal, or null.</summary>
    public static TheoryData<string, string, string, string?> Cases => new()
    {
        { Both, "ann@corp.example", "ann@corp.example", null },
        { Both, "Ann@corp.example", "ann@corp.example", null }, // Kratos keeps addresses in lower case
        { Both, "ann@corp.example", "ann@corp.example eve@evil.example", null },
        { Both, "ann@corp.example", "eve@evil.example", "email_not_verified" },
        { Both, "ann@corp.example", "", "email_not_verified" },
        { Both, "ann@corp.example", "nn@corp.example", "email_not_verified" },
        { Both, "eve@evil.example", "eve@evil.example", "trait_mismatch" },
        { Swapped, "ann@corp.example", "eve@evil.example", "email_not_verified" },
        { Swapped, "ann@corp.example", "ann@corp.example", null },
        { One, "ann@corp.example", "ann@corp.example", null },
        { One, "ann@corp.example", "eve@evil.example", "email_not_verified" },
        { One, "eve@evil.example", "eve@evil.example", "trait_mismatch" },
        { "VerifiedEmail: { Trait: email }", "ann@corp.example", "eve@evil.example", "email_not_verified" },
        { "VerifiedEmail: true", "ann@corp.example", "eve@evil.example", null },
        { OfLists, "eve@evil.example,ann@corp.example", "ann@corp.example", null },
        { OfLists, "eve@evil.example,ann@corp.example", "eve@evil.example", "email_not_verified" },
        { OfLists, "eve@evil.example,bob@evil.example", "eve@evil.example", "trait_mismatch" },
        { OfOneInList, "eve@evil.example,ann@corp.example", "eve@evil.example", "email_not_verified" },
        { OfOneInList, "ann@corp.example.evil.example,ann@corp.example", "ann@corp.example.evil.example", "email_not_verified" },
        { OfOneInList, "eve@evil.example,ann@corp.example", "ann@corp.example", null },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_rule_that_asks_for_an_address_and_for_a_verified_one_means_the_same(
        string conditions, string addresses, string verified, string? refused)
    {
        using var kratos = new ScriptedKratos();
        kratos.Say(Token, ScriptedKratos.Json(Session(addresses, verified)));
        await using var system = await TestSystem.StartAsync(
            [$"--Kratos:PublicUrl={kratos.Url}"],
            $$"""
            AccessRules: { staff: { Session: Required, Require: [ { {{conditions}} } ] } }
            ReverseProxy:
              Routes: { staff: { ClusterId: echo, AuthorizationPolicy: staff, Match: { Path: "/staff/{**rest}" } } }
              Clusters: { echo: { Destinations: { a: { Address: "{service}" } } } }
            """);

        using var answer = await system.GetAsync("/staff/x", $"X-Session-Token: {Token}");

        Assert.Equal(refused is null ? 200 : 403, (int)answer.StatusCode);
        Assert.Equal(refused is null ? 1 : 0, system.Service.Received.Count);
        if (refused is null) return;
        var id = answer.Headers.GetValues("X-Request-Id").Single();
        var decision = await TestSystem.JsonAsync(await system.ManageAsync($"/api/decisions/{id}"));
        Assert.Equal(refused, decision.GetProperty("reason").GetString());
    }

    private static string Session(string addresses, string verified)
    {
        var session = JsonNode.Parse(ScriptedKratos.Session)!;
        var identity = session["identity"]!;
        var all = addresses.Split(',');
        identity["traits"] = new JsonObject
        {
            ["email"] = all[0],
            ["emails"] = new JsonArray([.. all.Select(address => JsonValue.Create(address))]),
        };
        identity["verifiable_addresses"] = new JsonArray(
            [
                .. verified.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(address => Address(address, true)),
                .. all.Where(address => !verified.Split(' ').Contains(address, StringComparer.OrdinalIgnoreCase))
                    .Select(address => Address(address, false)),
            ]);
        return session.ToJsonString(new JsonSerializerOptions());
    }

    private static JsonObject Address(string value, bool verified) =>
        new() { ["value"] = value, ["verified"] = verified, ["via"] = "email" };
}
