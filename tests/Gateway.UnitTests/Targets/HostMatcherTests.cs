using Gateway.Targets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.UnitTests.Targets;

public sealed class HostMatcherTests
{
    private readonly HostMatcher _matcher = new();

    [Theory]
    [InlineData("a.test")]
    [InlineData("x.y.a.test:5000")]
    [InlineData("XN--bcher-kva.test")]
    [InlineData("elsewhere.example:80")]
    public void GetDestination_AnyHost_AllocatesNothing(string host)
    {
        var table = Table(Endpoint("a.test"), Endpoint("*.a.test", "*.test:5000"), Endpoint("bücher.test"), Endpoint());
        var context = new DefaultHttpContext();
        context.Request.Headers.Host = host;
        for (var i = 0; i < 100; i++)
            table.GetDestination(context);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            table.GetDestination(context);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void AppliesToEndpoints_WithoutHosts_IsFalse()
    {
        Assert.False(_matcher.AppliesToEndpoints([Endpoint(), Endpoint("*"), Endpoint("*:*")]));
        Assert.True(_matcher.AppliesToEndpoints([Endpoint(), Endpoint("a.test")]));
    }

    [Fact]
    public void AppliesToEndpoints_ABadHost_SaysWhich()
    {
        var error = Assert.Throws<InvalidOperationException>(() => _matcher.AppliesToEndpoints([Endpoint("https://a.test")]));

        Assert.Contains("https://a.test is a URL", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void GetEdges_ManyHosts_GrowWithThemAndNotWithTheirPortsToo()
    {
        Endpoint[] endpoints = [.. Enumerable.Range(1, 300).Select(i => Endpoint($"a{i}.test:{i}")), Endpoint("*.test")];

        Assert.InRange(_matcher.GetEdges(endpoints).Count, 300, 700);
    }

    [Fact]
    public void Verify_WhereTheFrameworksPolicyIs_Fails()
    {
        var services = new ServiceCollection().AddRouting();
        using var without = services.BuildServiceProvider();
        Assert.Throws<InvalidOperationException>(() => HostMatcher.Verify(without));
        HostMatcher.Replace(services);
        using var replaced = services.BuildServiceProvider();
        HostMatcher.Verify(replaced);
        services.AddRouting();
        using var back = services.BuildServiceProvider();
        Assert.Throws<InvalidOperationException>(() => HostMatcher.Verify(back));
    }

    [Fact]
    public void Replace_WithoutTheFrameworksPolicy_Fails() =>
        Assert.Throws<InvalidOperationException>(() => HostMatcher.Replace(new ServiceCollection()));

    private PolicyJumpTable Table(params Endpoint[] endpoints) =>
        _matcher.BuildJumpTable(-1, [.. _matcher.GetEdges(endpoints).Select((e, i) => new PolicyJumpTableEdge(e.State, i))]);

    private static RouteEndpoint Endpoint(params string[] hosts)
    {
        var metadata = hosts.Length == 0 ? EndpointMetadataCollection.Empty : new(new HostAttribute(hosts));
        return new(_ => Task.CompletedTask, RoutePatternFactory.Parse("/"), 0, metadata, null);
    }
}
