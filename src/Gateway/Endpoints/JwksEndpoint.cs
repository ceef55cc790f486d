using Gateway.Forwarding.Signing;

namespace Gateway.Endpoints;

/// <summary>
/// Answers with the public keys. Verifiers may keep them for a minute; a token of a key that they do not know yet has them
/// ask at once.
/// </summary>
internal sealed class JwksEndpoint(TokenIssuers issuers)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var keys = issuers.PublicKeys();
        context.Response.ContentType = "application/jwk-set+json";
        context.Response.ContentLength = keys.Length;
        context.Response.Headers.CacheControl = "public, max-age=60";
        if (!HttpMethods.IsHead(context.Request.Method))
            await context.Response.Body.WriteAsync(keys, context.RequestAborted);
    }
}
