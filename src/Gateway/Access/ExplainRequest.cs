using System.Text.Json;

namespace Gateway.Access;

/// <summary>
/// A request to explain, as <c>gateway explain</c> and <c>POST /api/explain</c> take it. At most one credential, a token or a
/// cookie; none, and no session: nobody is calling.
/// </summary>
internal sealed record ExplainRequest
{
    public string? Method { get; init; }

    /// <summary>Absolute, or a path of this gateway.</summary>
    public string? Url { get; init; }

    /// <summary>Each <c>Name: value</c>.</summary>
    public IReadOnlyList<string?>? Headers { get; init; }

    /// <summary>The client's address; null: loopback.</summary>
    public string? Client { get; init; }

    /// <summary>
    /// The caller's session as Kratos' whoami answers it: Kratos is not asked. A credential beside it is what the request
    /// carries, and says nothing of who is calling.
    /// </summary>
    public JsonElement? Session { get; init; }

    /// <summary>Kratos is asked, unless there is a session.</summary>
    public string? SessionToken { get; init; }

    /// <summary>
    /// A whole Cookie line, or the value of the session cookie alone; Kratos is asked, unless there is a session.
    /// </summary>
    public string? Cookie { get; init; }

    /// <summary>Never prints a credential.</summary>
    public override string ToString() => $"{Method} {Url}";
}

/// <summary>Explains a request.</summary>
/// <exception cref="ExplainException">The request is none; the message names the cure.</exception>
internal delegate Task<Explanation> ExplainCall(ExplainRequest request, CancellationToken cancellationToken);

/// <summary>What was asked cannot be explained; its message is one line and names the cure.</summary>
internal sealed class ExplainException(string message) : Exception(message);
