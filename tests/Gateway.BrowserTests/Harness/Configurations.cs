namespace Gateway.BrowserTests.Harness;

/// <summary>
/// Configuration files beyond the shipped one. The Quickstart fills in the addresses of the clusters hello and world.
/// </summary>
internal static class Configurations
{
    /// <summary>
    /// The shipped routes, and <c>/vault</c> (second factor), <c>/recent</c> (signed in within ten minutes), <c>/verified</c>,
    /// <c>/staff</c> (an address of staff.example) and <c>/gone</c> (its service does not run).
    /// </summary>
    public const string Default = """
        AccessRules:
          second-factor: { Session: Required, Require: [ { AssuranceLevel: aal2 } ] }
          recent: { Session: Required, Require: [ { SessionAge: "00:10:00" } ] }
          verified: { Session: Required, Require: [ { VerifiedEmail: true } ] }
          staff: { Session: Required, Require: [ { Trait: { Path: email, EndsWith: "@staff.example" } } ] }
        ReverseProxy:
          Routes:
            hello: { ClusterId: hello, AuthorizationPolicy: signed-in, Match: { Path: "/hello/{**rest}", Methods: [GET] } }
            world: { ClusterId: world, AuthorizationPolicy: signed-in, Match: { Path: "/world/{**rest}", Methods: [GET] } }
            vault:
              ClusterId: hello
              AuthorizationPolicy: second-factor
              Match: { Path: /vault }
              Transforms: [ { PathSet: /hello/me } ]
            recent:
              ClusterId: hello
              AuthorizationPolicy: recent
              Match: { Path: /recent }
              Transforms: [ { PathSet: /hello } ]
            verified:
              ClusterId: hello
              AuthorizationPolicy: verified
              Match: { Path: /verified }
              Transforms: [ { PathSet: /hello } ]
            staff: { ClusterId: hello, AuthorizationPolicy: staff, Match: { Path: /staff }, Transforms: [ { PathSet: /hello } ] }
            gone: { ClusterId: gone, AuthorizationPolicy: anonymous, Match: { Path: /gone } }
          Clusters:
            gone: { Destinations: { a: { Address: "http://127.0.0.1:9" } } }
        """;

    /// <summary>
    /// Somebody publishes the login pages with a route of their own, and forgets that it must be open to everybody.
    /// </summary>
    public const string ProtectedLoginPage = """
        SelfService: { Path: /pages, Home: /pages/auth/welcome }
        ReverseProxy:
          Routes:
            hello: { ClusterId: hello, AuthorizationPolicy: signed-in, Match: { Path: "/hello/{**rest}" } }
            login-pages: { ClusterId: hello, AuthorizationPolicy: signed-in, Match: { Path: "/auth/{**rest}" } }
        """;
}
