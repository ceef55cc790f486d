using Gateway.Endpoints;
using Gateway.Forwarding;
using Gateway.Forwarding.Signing;
using Gateway.Kratos;
using Gateway.KratosProxy;
using Gateway.Routes;
using Gateway.SelfService;
using Gateway.Traffic;
using Gateway.Traffic.Cors;
using Gateway.Traffic.Streams;

namespace Gateway.Hosting;

/// <summary>The index of the routes that the gateway brings along: one file and one line here each.</summary>
internal static class BuiltInRoutes
{
    public static IReadOnlyList<BuiltInRoute> Of(
        KratosOptions kratos, SelfServiceOptions selfService, IdentityTokenOptions identityToken) =>
    [
        KratosRoute.BuiltIn(kratos),
        SelfServiceRoute.BuiltIn(selfService),
        JwksRoute.BuiltIn(identityToken),
    ];

    /// <summary>Has the answers of the routes that ask for it read by the gateway.</summary>
    public static void AddBuiltInRoutes(this IServiceCollection services, IReadOnlyList<BuiltInRoute> builtIn) =>
        services.AddSingleton<TransformerWrapper>(sp => (route, transformer) => new StreamTransformer(
            builtIn.FirstOrDefault(own => own.Is(route.RouteId))?.Wrap(sp, transformer)
                ?? transformer.WithPolicies(route, sp.GetRequiredService<CorsPipeline>()),
            sp.GetRequiredService<OpenStreams>()));
}
