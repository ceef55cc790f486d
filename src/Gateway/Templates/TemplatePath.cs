using System.Text.Json;
using Gateway.Decisions;

namespace Gateway.Templates;

/// <summary>The path of a placeholder: where it starts, and the names below.</summary>
internal abstract record TemplatePath(string[] Names)
{
    /// <summary>Whether the session's JSON is needed.</summary>
    public virtual bool NeedsSession => false;

    /// <summary>Whether it may differ between two requests of one caller.</summary>
    public virtual bool NeedsRequest => false;

    public abstract TemplateValue Value(in TemplateContext context);

    /// <summary>What is wrong with the names, or null.</summary>
    public virtual string? Problem() => null;
}

/// <summary><c>session.…</c>: the session's JSON.</summary>
internal sealed record SessionPath(string[] Names) : TemplatePath(Names)
{
    public override bool NeedsSession => true;

    public override TemplateValue Value(in TemplateContext context) => Below(context.Session, Names);

    /// <summary>The value under these names; nothing where one is missing or what holds it is no object.</summary>
    public static TemplateValue Below(JsonElement json, string[] names)
    {
        foreach (var name in names)
            if (json.ValueKind is not JsonValueKind.Object || !json.TryGetProperty(name, out json)) return TemplateValue.None;
        return TemplateValue.Of(json);
    }
}

/// <summary><c>identity.…</c>: the session's identity.</summary>
internal sealed record IdentityPath(string[] Names) : TemplatePath(Names)
{
    public override bool NeedsSession => true;

    public override TemplateValue Value(in TemplateContext context)
    {
        if (context.Session.ValueKind is not JsonValueKind.Object) return TemplateValue.None;
        return context.Session.TryGetProperty("identity", out var identity)
            ? SessionPath.Below(identity, Names)
            : TemplateValue.None;
    }
}

/// <summary><c>caller.…</c>: what every authenticator knows of a caller.</summary>
internal sealed record CallerPath(string[] Names) : TemplatePath(Names)
{
    private static readonly Dictionary<string, Func<Caller, string>> Known = new(StringComparer.Ordinal)
    {
        ["subject"] = caller => caller.Subject,
        ["authenticator"] = caller => caller.Authenticator,
        ["expires"] = caller => caller.ExpiresAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", null),
    };

    public override TemplateValue Value(in TemplateContext context) =>
        context.Caller is null ? TemplateValue.None : TemplateValue.Of(Known[Names[0]](context.Caller));

    public override string? Problem() => TemplateRoots.OneOf("caller", Names, Known.Keys);
}
