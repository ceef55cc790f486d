using System.Text.Json;
using Gateway.Decisions;

namespace Gateway.Templates;

/// <summary>What a template is over.</summary>
/// <param name="Session">The session's JSON as Kratos' whoami answers it; undefined: there is none.</param>
/// <param name="Caller">Null: nobody is known.</param>
/// <param name="Http">Null where no template reads the request.</param>
internal readonly record struct TemplateContext(JsonElement Session, Caller? Caller = null, HttpContext? Http = null);
