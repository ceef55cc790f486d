using CsCheck;
using Gateway.Targets;

namespace Gateway.UnitTests.Targets;

public sealed class TargetCheckTests
{
    [Theory]
    [InlineData("/", "/")]
    [InlineData("/a/b", "/a/b")]
    [InlineData("/a/b/", "/a/b/")]
    [InlineData("/a%20b", "/a b")]
    [InlineData("/%61", "/a")]
    [InlineData("/caf%C3%A9", "/café")]
    [InlineData("/%F0%9F%98%80", "/😀")]
    [InlineData("/a%25b", "/a%b")]
    [InlineData("/.well-known/x", "/.well-known/x")]
    [InlineData("/...", "/...")]
    [InlineData("/a?b=%zz", "/a")]
    [InlineData("/a?", "/a")]
    public void IsUnambiguous_PathThatDecodesToWhatRoutingSees_True(string target, string path)
    {
        Assert.True(TargetCheck.IsUnambiguous(target, path, out var traits));
        Assert.Equal(TargetTraits.None, traits);
    }

    [Theory]
    [InlineData("/a/../b", "/b")]
    [InlineData("/a/./b", "/a/b")]
    [InlineData("/a", "/b")]
    [InlineData("/a", "/a/")]
    [InlineData("/a%20b", "/a  b")]
    [InlineData("/a%20", "/a")]
    [InlineData("", "/")]
    [InlineData("a", "/a")]
    [InlineData("*", "/")]
    [InlineData("http://h/a", "/a")]
    [InlineData("/a\\b", "/a\\b")]
    [InlineData("/a%5cb", "/a\\b")]
    [InlineData("/a%00", "/a\0")]
    [InlineData("/a%", "/a%")]
    [InlineData("/a%2", "/a%2")]
    [InlineData("/a%zz", "/a%zz")]
    [InlineData("/%C3", "/%C3")]
    [InlineData("/%c0%ae", "/.")]
    [InlineData("/%252e", "/%2e")]
    [InlineData("/%252F", "/%2F")]
    [InlineData("/%253b", "/%3b")]
    [InlineData("/%2525", "/%25")]
    [InlineData("/..;/a", "/..;/a")]
    [InlineData("/.;/a", "/.;/a")]
    [InlineData("/..%3ba/b", "/..;a/b")]
    [InlineData("/..%2fa", "/..%2fa")]
    [InlineData("/a%2f..", "/a%2f..")]
    [InlineData("/a?b#c", "/a")]
    [InlineData("/a?b c", "/a")]
    [InlineData("/a?\u00e9", "/a")]
    [InlineData("/\u00e9", "/\u00e9")]
    public void IsUnambiguous_AnythingElse_False(string target, string path) =>
        Assert.False(TargetCheck.IsUnambiguous(target, path, out _));

    [Theory]
    [InlineData("/a%2Fb", "/a%2Fb", TargetTraits.EncodedSlash)]
    [InlineData("/a%2fb", "/a%2fb", TargetTraits.EncodedSlash)]
    [InlineData("/a%3Bb", "/a;b", TargetTraits.EncodedSemicolon)]
    [InlineData("/a//b", "/a//b", TargetTraits.EmptySegment)]
    [InlineData("//a", "//a", TargetTraits.EmptySegment)]
    [InlineData("/a;b/c", "/a;b/c", TargetTraits.PathParameter)]
    [InlineData("/a;b//c%2Fd", "/a;b//c%2Fd", TargetTraits.PathParameter | TargetTraits.EmptySegment | TargetTraits.EncodedSlash)]
    public void IsUnambiguous_UnusualTarget_TraitsForTheRouteToAllow(string target, string path, object traits)
    {
        Assert.True(TargetCheck.IsUnambiguous(target, path, out var found));
        Assert.Equal((TargetTraits)traits, found);
    }

    /// <summary>Whatever is let through decodes to the path, by a decoder that shares nothing with the one under test.</summary>
    [Fact]
    public void IsUnambiguous_AnyTarget_OnlyTrueWhenOneDecodingGivesThePath()
    {
        var pieces = Gen.OneOf(
            "/", "//", "a", ".", "..", ";", "%2e", "%2F", "%25", "%2f", "%41", "%C3%A9", "%E9", "%", "é", "\\", "%5C", "%00",
            "b", "~", "#", "?", " ");
        pieces.Array.Select(p => "/" + string.Concat(p)).Sample(target =>
        {
            var raw = target.Split('?')[0];
            var path = Uri.UnescapeDataString(
                raw.Replace("%2F", "%252F", StringComparison.Ordinal).Replace("%2f", "%252f", StringComparison.Ordinal));
            if (!TargetCheck.IsUnambiguous(target, path, out _)) return true;
            var segments = Uri.UnescapeDataString(raw).Split('/').Select(s => s.Split(';')[0]);
            return path.All(c => c is >= ' ' and not '\\' and not '\u007f') && !segments.Any(s => s is "." or "..");
        });
    }

    /// <summary>Another path than the decoded one is never accepted for it.</summary>
    [Fact]
    public void IsUnambiguous_AnotherPath_False()
    {
        // Any text, and text of so few characters that one is often the other once decoded or a prefix of it.
        var text = Gen.OneOf(Gen.String[Gen.Char['\0', '\ud7ff'], 1, 20], Gen.String[Gen.Char["a.%2Ee"], 1, 4]);
        Gen.Select(text, text).Sample((a, b) =>
            a == b || !TargetCheck.IsUnambiguous("/" + Uri.EscapeDataString(a), "/" + b, out _));
    }
}
