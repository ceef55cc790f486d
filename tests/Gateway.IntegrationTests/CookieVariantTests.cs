using System.Net;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>The many Cookie headers that Kratos reads one session from.</summary>
public sealed class CookieVariantTests
{
    /// <summary>What stands around the good cookie <c>{0}</c>, whose value is <c>{1}</c>, and does not decide.</summary>
    [Theory]
    [InlineData("junk{2}; {0}")]
    [InlineData("{0}; junk{2}")]
    [InlineData("junk{2}={2}; {0}; a=b")]
    [InlineData("ory_kratos_session=; {0}; c{2}=d")]
    [InlineData("x_ory_kratos_session={2}; {0}")]
    [InlineData("{0}; {0}; junk{2}")]
    [InlineData("ory_kratos_session ={1}; junk{2}")]
    [InlineData("{0}; ory_kratos_session \t ={1}; junk{2}")]
    public async Task What_stands_beside_the_session_cookie_makes_no_other_credential_of_it(string line)
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();
        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}")).StatusCode);

        for (var i = 0; i < 5; i++)
        {
            var cookies = string.Format(null, line, session.CookieHeader, session.Cookie, i);
            Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/private/x", $"Cookie: {cookies}")).StatusCode);
        }

        Assert.Equal((1, 1), (system.Kratos.Faults.WhoamiCalls, system.Cache.Count));
        Assert.Equal(session.CookieHeader, system.Kratos.Faults.LastWhoamiHeaders!["Cookie"]);
    }

    /// <summary>
    /// Kratos looks through all cookies of the name for one it can read, so each list is a question of its own.
    /// </summary>
    [Fact]
    public async Task One_person_with_a_thousand_lists_of_session_cookies_pushes_nobody_out_of_the_cache()
    {
        await using var system = await TestSystem.StartAsync(["--Sessions:MaxEntries=100"]);
        var others = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => system.Kratos.SignInNewAsync()));
        foreach (var other in others)
            await system.GetAsync("/private/x", $"Cookie: {other.CookieHeader}");
        var one = await system.Kratos.SignInNewAsync();

        for (var i = 0; i < 1000; i++)
        {
            var cookies = $"ory_kratos_session=junk{i}; {one.CookieHeader}";
            Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/private/x", $"Cookie: {cookies}")).StatusCode);
        }

        system.Kratos.Faults.ResetCounters();
        foreach (var other in others)
            Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/private/x", $"Cookie: {other.CookieHeader}")).StatusCode);
        Assert.Equal(0, system.Kratos.Faults.WhoamiCalls);
        Assert.InRange(system.Cache.Count, 51, 54);
    }

    /// <summary>A list decides as a whole: who is first in it is not who comes when the first has ended.</summary>
    [Fact]
    public async Task Two_peoples_cookies_in_either_order_are_two_credentials()
    {
        await using var system = await TestSystem.StartAsync();
        var one = await system.Kratos.SignInNewAsync();
        var two = await system.Kratos.SignInNewAsync();

        foreach (var (first, second) in new[] { (one, two), (two, one), (one, two) })
        {
            var received = await system.ForwardedAsync("/private/x", $"Cookie: {first.CookieHeader}; {second.CookieHeader}");
            Assert.Equal(first.IdentityId.ToString(), received.Header("X-User-Id"));
        }
        Assert.Equal(2, system.Kratos.Faults.WhoamiCalls);
    }
}
