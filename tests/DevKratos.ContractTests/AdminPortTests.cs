using System.Net;
using DevKratos.ContractTests.Support;

namespace DevKratos.ContractTests;

/// <summary>The admin port asks nobody who they are, and takes its paths with and without <c>/admin</c>.</summary>
public sealed class AdminPortTests
{
    [Theory]
    [InlineData("sessions", 200)]
    [InlineData("identities", 200)]
    [InlineData("sessions/00000000-0000-4000-8000-000000000000", 404)]
    [InlineData("identities/00000000-0000-4000-8000-000000000000", 404)]
    [InlineData("health/ready", 200)]
    public async Task A_path_is_answered_with_and_without_the_prefix(string path, int status)
    {
        await using var target = await KratosTarget.StartAsync();
        foreach (var prefix in (string[])["", "admin/"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(target.AdminUrl, prefix + path));
            using var answer = await target.SendAsync(request);
            Assert.Equal(status, (int)answer.StatusCode);
        }
    }

    [Fact]
    public async Task Whoami_is_sent_to_the_public_port()
    {
        await using var target = await KratosTarget.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(target.AdminUrl, "sessions/whoami"));
        using var answer = await target.SendAsync(request);

        Assert.Equal(HttpStatusCode.TemporaryRedirect, answer.StatusCode);
        Assert.EndsWith("/sessions/whoami", answer.Headers.Location!.AbsoluteUri, StringComparison.Ordinal);
        Assert.NotEqual(target.AdminUrl.Authority, answer.Headers.Location.Authority);
    }
}
