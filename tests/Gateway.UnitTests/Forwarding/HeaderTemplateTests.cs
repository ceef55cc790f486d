using System.Text.Json;
using Gateway.Forwarding;

namespace Gateway.UnitTests.Forwarding;

public sealed class HeaderTemplateTests
{
    private static string? Render(string template, string json)
    {
        using var session = JsonDocument.Parse(json);
        return HeaderValue.Of(HeaderTemplate.Parse(template).Render(new(session.RootElement)), UnsendableValue.Omit);
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
    [InlineData("{session.id}", """{"id":"a b"}""", "a b")]
    [InlineData(" {session.id} , {session.none} ", """{"id":"a"}""", "a ,")]
    [InlineData("{session.first} {session.last}", """{"first":"Ann"}""", "Ann")]
    [InlineData("{session.first} {session.last}", """{"last":"Lee"}""", "Lee")]
    public void Render_ValueThere_ComesAsText(string template, string json, string value) =>
        Assert.Equal(value, Render(template, json));

    [Theory]
    [InlineData("{identity.id}", "{}")]
    [InlineData("{identity.id}", """{"identity":null}""")]
    [InlineData("{identity.id}", """{"identity":"x"}""")]
    [InlineData("{identity.id}", """{"identity":{"id":null}}""")]
    [InlineData("{identity.id}", """{"identity":{"id":""}}""")]
    [InlineData("{identity.traits.a.b}", """{"identity":{"traits":{"a":"x"}}}""")]
    [InlineData("{identity.traits.a.b}", """{"identity":{"traits":{"a":["b"]}}}""")]
    [InlineData("user:{identity.id}", "{}")]
    [InlineData("{identity.id}", """{"identity":{"id":"\ud800"}}""")] // half a character is none
    public void Render_NothingThere_Null(string template, string json) => Assert.Null(Render(template, json));

    [Theory]
    [InlineData("""{"id":" a"}""")]
    [InlineData("""{"id":"a "}""")]
    [InlineData("""{"id":" \r\n"}""")]
    [InlineData("""{"id":"a\r\nb"}""")]
    [InlineData("""{"id":"a\u0000"}""")]
    [InlineData("""{"id":"a\u007fb"}""")]
    [InlineData("""{"id":"a\u0085b"}""")]
    public void Render_CannotBeSentExactly_Unsendable(string json)
    {
        Assert.Same(HeaderValue.Unsendable, Render("{session.id}", json));
        Assert.Same(HeaderValue.Unsendable, Render("{session.none} {session.id} ", json));
    }

    [Fact]
    public void Render_TooLong_Unsendable()
    {
        Assert.Equal(
            HeaderValue.MaxLength,
            Render("{session.id}", $$"""{"id":"{{new string('x', HeaderValue.MaxLength)}}"}""")!.Length);
        Assert.Same(
            HeaderValue.Unsendable,
            Render("{session.id}", $$"""{"id":"{{new string('x', HeaderValue.MaxLength + 1)}}"}"""));
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
