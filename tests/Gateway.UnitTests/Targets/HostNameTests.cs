using Gateway.Targets;
using Microsoft.AspNetCore.Http;

namespace Gateway.UnitTests.Targets;

public sealed class HostNameTests
{
    private static readonly string[] Pieces =
    [
        "xn--", "XN--", "Xn--", "bcher-kva", "wgv71a", "a", "Z", "9", "99999", "-", "--", ".", ".", "..", ":", ":80", ":0",
        "[", "]", "::1", "_", "%2e", "\u00fc", "\u65e5", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ];

    /// <summary>What passes can be decoded and encoded by everybody who reads it with ASP.NET Core's own type.</summary>
    [Fact]
    public void Usable_WhateverPasses_ThrowsNowhere()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var i = 0; i < 50_000; i++)
        {
            var host = string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => Pieces[random.Next(Pieces.Length)]));
            if (HostName.Usable(host) is not { } usable) continue;
            foreach (var text in (string[])[host, usable])
            {
                var read = Record.Exception(() =>
                {
                    var decoded = HostString.FromUriComponent(text);
                    Assert.Equal(text, decoded.ToUriComponent(), ignoreCase: true);
                    _ = (decoded.Host, decoded.Port);
                });
                Assert.True(read is null, $"seed {seed}, {text}: {read}");
            }
            Assert.DoesNotContain("..", usable, StringComparison.Ordinal);
            Assert.False(usable.Split(':')[0].EndsWith('.'), $"seed {seed}, {host}");
            Assert.Equal(usable, HostName.Usable(usable));
        }
    }

    [Theory]
    [InlineData("a.test", "a.test")]
    [InlineData("a.test.", "a.test")]
    [InlineData("A.test.:80", "A.test:80")]
    [InlineData("XN--bcher-KVA.test", "XN--bcher-KVA.test")]
    [InlineData("[::1]:80", "[::1]:80")]
    [InlineData("a.test..", null)]
    [InlineData("a..test", null)]
    [InlineData(".", null)]
    [InlineData("a.test:0", null)]
    [InlineData("a.test.:0", null)]
    [InlineData("xn--", null)]
    [InlineData("XN--", null)]
    public void Usable_AHost_LosesOneDotOrIsRefused(string host, string? expected) =>
        Assert.Equal(expected, HostName.Usable(host));
}
