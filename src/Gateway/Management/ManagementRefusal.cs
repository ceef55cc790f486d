using Gateway.Denials;
using Microsoft.AspNetCore.WebUtilities;

namespace Gateway.Management;

/// <summary>A refusal on the management listener, in the error shape of every answer of the gateway's own.</summary>
internal sealed record ManagementRefusal(int Status, string Id, string Message)
{
    public Task AnswerAsync(HttpContext context)
    {
        context.Response.StatusCode = Status;
        if (Status is StatusCodes.Status401Unauthorized)
            context.Response.Headers.WWWAuthenticate = "Bearer";
        var error = new DenialError(Id, Status, ReasonPhrases.GetReasonPhrase(Status), Message, Id, context.TraceIdentifier);
        return context.Response.WriteAsJsonAsync(new DenialBody(error, null), DenialJson.Default.DenialBody);
    }
}
