using System.Text.Json;
using Gateway.Forwarding;

namespace Gateway.UnitTests.Forwarding;

public sealed class HeaderTemplateTests
{
    private static string? Render(string template, string json)
    {
        using var session = JsonDocument.Parse(json);
        return HeaderTemplate.Parse(template).Render(session.RootElement);
    }

    [Theory]
    [InlineData("{identity.id}", """{"identity":{"id":"1"}}""", "1")]
    [InlineData("{session.id}", """{"id":"2"}""", "2")]
    [InlineData("{identity.traits.a.b}", """{"identity":{"traits":{"a":{"b":"x"}}}}""", "x")]
    [InlineData("user:{identity.id}!", """{"identity":{"id":"1"}}""", "user:1!")]
    [InlineData("{session.id}-{identity.id}", """{"id":"2","identity":{"id":"1"}}""", "2-1")]
    [InlineData("{session.n}", """{"n":12.50}""", "12.50")]
    [InlineData("{session.b}", """{"b":true}""", "true")]
    [InlineData("{session.o}", """{"o":{"a":[1,"b"]}}""", """{"a":[1,"b"]}""")]
    [InlineData("{session.id}", """{"id":"é😀"}""", "é😀")]
    [InlineData("{session.id}", """{"id":" a b "}""", "a b")]
    [InlineData("{session.id}", """{"id":"a\r\nb\u0000\u007f\u0085c"}""", "abc")]
    public void Render_ValueThere_ComesAsText(string template, string json, string value) =>
        Assert.Equal(value, Render(template, json));

    [Theory]
    [InlineData("{identity.id}", "{}")]
    [InlineData("{identity.id}", """{"identity":null}""")]
    [InlineData("{identity.id}", """{"identity":"x"}""")]
    [InlineData("{identity.id}", """{"identity":{"id":null}}""")]
    [InlineData("{identity.id}", """{"identity":{"id":""}}""")]
    [InlineData("{identity.id}", """{"identity":{"id":" \r\n"}}""")]
    [InlineData("{identity.traits.a.b}", """{"identity":{"traits":{"a":"x"}}}""")]
    [InlineData("{identity.traits.a.b}", """{"identity":{"traits":{"a":["b"]}}}""")]
    [InlineData("user:{identity.id}", "{}")]
    [InlineData("{identity.id}", """{"identity":{"id":"\ud800"}}""")] // half a character is none
    public void Render_NothingThere_Null(string template, string json) => Assert.Null(Render(template, json));

    [Fact]
    public void Render_TooLong_Null()
    {
        Assert.Equal(
            HeaderTemplate.MaxLength,
            Render("{session.id}", $$"""{"id":"{{new string('x', HeaderTemplate.MaxLength)}}"}""")!.Length);
        Assert.Null(Render("{session.id}", $$"""{"id":"{{new string('x', HeaderTemplate.MaxLength + 1)}}"}"""));
    }

    [Theory]
    [InlineData("")]
    [InlineData("fixed")]
    [InlineData("{caller.subject}")] // a rule's Headers can have it
    [InlineData("{}")]
    [InlineData("{identity.}")]
    [InlineData("{identity..id}")]
    [InlineData("{user.id}")]
    [InlineData("{identity.id")]
    [InlineData("identity.id}")]
    [InlineData("{identity.id}}")]
    [InlineData("{identity.id}\r\n")]
    [InlineData("é{identity.id}")]
    public void Problem_NoTemplateOfAnIdentityHeader_SaysWhatIsWrong(string template)
    {
        Assert.NotNull(HeaderTemplate.Problem(template));
    }
}
