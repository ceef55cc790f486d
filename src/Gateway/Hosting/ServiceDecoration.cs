namespace Gateway.Hosting;

internal static class ServiceDecoration
{
    /// <summary>Replaces the registered service by one that wraps it.</summary>
    public static void Decorate<T>(this IServiceCollection services, Func<T, IServiceProvider, T> decorate) where T : class
    {
        var inner = services.Last(d => d.ServiceType == typeof(T));
        services.Remove(inner);
        services.AddSingleton(sp => decorate((T)Create(inner, sp), sp));
    }

    private static object Create(ServiceDescriptor service, IServiceProvider services) =>
        service.ImplementationFactory?.Invoke(services)
        ?? ActivatorUtilities.CreateInstance(services, service.ImplementationType!);
}
