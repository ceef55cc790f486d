using System.Text.Json;
using Gateway.Decisions;
using Gateway.Templates;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Gateway.UnitTests.Templates;

public sealed class TemplateTests
{
    private const string Session = """
        { "id": "s1", "n": 12.50, "yes": true, "no": false, "nothing": null, "empty": "", "none": [], "bare": {},
          "identity": { "id": "i1", "traits": {
            "email": "Ann@Example.org", "roles": ["admin", "staff"], "odd": [null, "", "x", 3],
            "example.com/groups": ["Foo", "Bar"], "quoted": "a\"b\\c" } } }
        """;

    private static Template Read(string text)
    {
        var template = Template.Read(text, out var problem);
        Assert.Null(problem);
        return template!;
    }

    private static string? Text(string template)
    {
        using var session = JsonDocument.Parse(Session);
        return Read(template).Text(new(session.RootElement, new Caller("i1", "kratos", DateTimeOffset.UnixEpoch), Request()));
    }

    private static DefaultHttpContext Request()
    {
        var context = new DefaultHttpContext { TraceIdentifier = "r1" };
        context.Request.Method = "PUT";
        context.Request.Scheme = "https";
        context.Request.QueryString = new("?page=2&tag=a&tag=b");
        context.Request.Headers["Host"] = "shop.test:8443";
        context.Request.Headers["X-Tenant"] = "acme";
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = "/users/Foo/files/a/b?page=2";
        context.Request.RouteValues["id"] = "Foo";
        context.Request.RouteValues["rest"] = "a/b";
        var pattern = RoutePatternFactory.Parse("/users/{id}/files/{**rest}");
        context.SetEndpoint(new RouteEndpoint(_ => Task.CompletedTask, pattern, 0, EndpointMetadataCollection.Empty, "users"));
        return context;
    }

    [Theory]
    [InlineData("{identity.id}", "i1")]
    [InlineData("{ identity.id }", "i1")]
    [InlineData("a {session.id} b {identity.id} c", "a s1 b i1 c")]
    [InlineData("no placeholder", "no placeholder")]
    [InlineData("{session.n}", "12.50")]
    [InlineData("{session.nothing}", null)]
    [InlineData("{session.id.below}", null)]
    [InlineData("{identity.traits.roles}", """["admin", "staff"]""")]
    [InlineData("{identity.traits.\"example.com/groups\" | join: \",\"}", "Foo,Bar")]
    [InlineData("{identity.traits.'example.com/groups' | join: ', '}", "Foo, Bar")]
    [InlineData("{caller.subject}/{caller.authenticator}/{caller.expires}", "i1/kratos/1970-01-01T00:00:00Z")]
    [InlineData("{request.method} {request.scheme} {request.host}", "PUT https shop.test:8443")]
    [InlineData("{request.path}", "/users/Foo/files/a/b")]
    [InlineData("{request.id}|{request.headers.x-tenant}|{request.query.page}|{request.query.tag}", "r1|acme|2|a,b")]
    [InlineData("{route.id}:{route.rest}", "Foo:a/b")]
    [InlineData("{match.0}:{match.1}", "Foo:a/b")]
    [InlineData("{match.2}", null)]
    [InlineData("{route.other}", null)]
    public void Text_Path_FindsItsValue(string template, string? text) => Assert.Equal(text, Text(template));

    [Theory]
    [InlineData("{session.nothing | default: \"guest\"}", "guest")]
    [InlineData("{session.empty | default: guest}", "guest")]
    [InlineData("{session.id | default: guest}", "s1")]
    [InlineData("{session.no | default: guest}", "false")]
    [InlineData("{identity.traits.roles | join: \",\"}", "admin,staff")]
    [InlineData("{identity.traits.odd | join: \",\"}", "x,3")]
    [InlineData("{session.none | join: \",\" | default: \"-\"}", "-")]
    [InlineData("{session.id | join: \",\"}", "s1")]
    [InlineData("{identity.traits.roles | first}", "admin")]
    [InlineData("{identity.traits.roles | index: 1 | upper}", "STAFF")]
    [InlineData("{identity.traits.roles | index: 2}", null)]
    [InlineData("{session.none | first}", null)]
    [InlineData("{session.id | first}", "s1")]
    [InlineData("{identity.traits.email | lower}", "ann@example.org")]
    [InlineData("{identity.traits.quoted | json}", "\"a\\\"b\\\\c\"")]
    [InlineData("{identity.traits.roles | json}", """["admin", "staff"]""")]
    [InlineData("{session.id | base64}", "czE=")]
    [InlineData("{session.nothing | base64}", null)]
    [InlineData("{session.yes | if: \"yes\", \"no\"}", "yes")]
    [InlineData("{session.no | if: yes, no}", "no")]
    [InlineData("{session.nothing | if: yes, no}", "no")]
    [InlineData("{session.none | if: yes, no}", "no")]
    [InlineData("{session.bare | if: yes}", null)]
    [InlineData("{session.n | if: yes, no}", "yes")]
    [InlineData("{session.id | equals: s1 | if: \"same\", \"other\"}", "same")]
    [InlineData("{identity.traits.roles | contains: admin | if: 1, 0}", "1")]
    [InlineData("{identity.traits.roles | contains: adm | if: 1, 0}", "0")]
    [InlineData("{identity.traits.email | contains: \"@Example\" | if: 1, 0}", "1")]
    [InlineData("{session.nothing | default: \"a\\\"|}'b\"}", "a\"|}'b")]
    public void Text_Filters_MakeOfIt(string template, string? text) => Assert.Equal(text, Text(template));

    [Fact]
    public void Value_PlaceholderAlone_KeepsItsJsonType()
    {
        using var session = JsonDocument.Parse(Session);
        var context = new TemplateContext(session.RootElement);

        Assert.Equal(JsonValueKind.Array, Read("{identity.traits.roles}").Value(context).Json.ValueKind);
        Assert.Equal(JsonValueKind.Object, Read("{session}").Value(context).Json.ValueKind);
        Assert.Equal("s1", Read("{session.id}").Value(context).Text);
        Assert.Equal("[\"admin\", \"staff\"]!", Read("{identity.traits.roles}!").Value(context).Text);
        Assert.Equal(JsonValueKind.False, Read("{session.id | equals: x}").Value(context).Json.ValueKind);
    }

    [Theory]
    [InlineData("{session.id}", true, false)]
    [InlineData("{identity}", true, false)]
    [InlineData("{caller.subject}", false, false)]
    [InlineData("{request.method}", false, true)]
    [InlineData("{match.0} {session.id}", true, true)]
    [InlineData("fixed", false, false)]
    public void Needs_Template_SaysWhatItReads(string text, bool session, bool request)
    {
        var template = Read(text);

        Assert.Equal((session, request), (template.NeedsSession, template.NeedsRequest));
    }

    [Theory]
    [InlineData("{identty.id}", "did you mean identity?")]
    [InlineData("{user.id}", "known here are caller, identity")]
    [InlineData("{caller.sub}", "known here are authenticator, expires, subject")]
    [InlineData("{caller.subjekt}", "did you mean subject?")]
    [InlineData("{caller}", "known here")]
    [InlineData("{request.methd}", "did you mean method?")]
    [InlineData("{request.headers}", "takes one name")]
    [InlineData("{request.headers.cookie}", "hand on the credential")]
    [InlineData("{request.headers.authorization}", "hand on the credential")]
    [InlineData("{route}", "needs one name")]
    [InlineData("{match.first}", "needs a number")]
    [InlineData("{session.id | lowercase}", "unknown filter lowercase")]
    [InlineData("{session.id | loewr}", "did you mean lower?")]
    [InlineData("{session.id | lower: 1}", "it takes nothing")]
    [InlineData("{session.id | default}", "it takes one text")]
    [InlineData("{session.id | index: one}", "it takes one number")]
    [InlineData("{session.id | if: a, b, c}", "it takes one or two texts")]
    [InlineData("{session.id | default: \"a}", "quote that is not closed")]
    [InlineData("{}", "empty name")]
    [InlineData("{session.}", "empty name")]
    [InlineData("{session..id}", "empty name")]
    [InlineData("{session.id", "does not pair up")]
    [InlineData("session.id}", "does not pair up")]
    [InlineData("{session.id}}", "does not pair up")]
    [InlineData("{session.id |}", "unknown filter")]
    [InlineData("{session.first name}", "does not pair up")]
    public void Read_Mistake_IsNamedWithItsCure(string text, string problem)
    {
        Assert.Null(Template.Read(text, out var found));
        Assert.Contains(problem, found, StringComparison.Ordinal);
    }
}
