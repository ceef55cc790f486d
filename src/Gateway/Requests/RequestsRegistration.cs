using Gateway.Access;

namespace Gateway.Requests;

internal static class RequestsRegistration
{
    public static void AddRequests(this IServiceCollection services)
    {
        services.AddSingleton<RecentDenials>();
        services.AddSingleton<RequestRecorder>();
        services.AddSingleton<UpstreamFailures>();
    }
}
