using Gateway.Kratos;
using Gateway.KratosProxy;
using Gateway.Routes;
using Gateway.SelfService;

namespace Gateway.Hosting;

/// <summary>The index of the routes that the gateway brings along: one file and one line here each.</summary>
internal static class BuiltInRoutes
{
    public static IReadOnlyList<BuiltInRoute> Of(KratosOptions kratos, SelfServiceOptions selfService) =>
    [
        KratosRoute.BuiltIn(kratos),
        SelfServiceRoute.BuiltIn(selfService),
    ];
}
