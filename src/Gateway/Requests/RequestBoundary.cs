using System.Diagnostics.CodeAnalysis;
using Gateway.Decisions;
using Gateway.Denials;
using Gateway.Telemetry;

namespace Gateway.Requests;

/// <summary>
/// The outermost layer: it answers whatever was refused, failed or foreseen by nobody, and has the request recorded.
/// </summary>
internal sealed partial class RequestBoundary(
    RequestDelegate next,
    RequestRecorder recorder,
    UpstreamFailures failures,
    DenialResponder denials,
    ILogger<RequestBoundary> logger)
{
    [SuppressMessage("Design", "CA1031", Justification = "The last resort.")]
    public async Task InvokeAsync(HttpContext context)
    {
        var started = recorder.Start();
        var refused = false;
        try
        {
            await next(context);
            if ((Denial.Of(context) ?? failures.Judge(context)) is { } denial)
            {
                refused = true;
                await denials.AnswerAsync(context, denial.Reason);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            if (!context.Response.HasStarted)
                context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            context.Response.StatusCode = e.StatusCode; // Kestrel's own refusals: body too large, too slow, malformed
        }
        catch (Exception e)
        {
            LogUnhandled(logger, e, context.TraceIdentifier);
            if (context.Response.HasStarted) throw;
            refused = true;
            await denials.AnswerAsync(context, Reason.InternalError);
        }
        finally
        {
            recorder.Finish(context, started, refused);
        }
    }

    [LoggerMessage(EventIds.UnhandledException, LogLevel.Error, "Request {RequestId} failed in a way nobody foresaw")]
    private static partial void LogUnhandled(ILogger logger, Exception exception, string requestId);
}
