namespace Gateway.Benchmarks;

/// <summary>A session as Kratos v26.2.0's whoami answers it (1.3 kB), valid for a hundred years.</summary>
internal static class Samples
{
    public const string Session = """
        {"id":"de297c5f-da2d-4512-9a56-75453c9ce5e9","active":true,"expires_at":"2126-11-22T18:53:21.089925563Z","authenticated_at":"2026-11-21T18:53:21.089925563Z","authenticator_assurance_level":"aal1","authentication_methods":[{"method":"password","aal":"aal1","completed_at":"2026-11-21T18:53:21.08988"}],"issued_at":"2026-11-21T18:53:21.089925563Z","identity":{"id":"ec061ee5-d713-493b-89c5-cb168c2146f8","schema_id":"default","schema_url":"http://127.0.0.1:4433/schemas/ZGVmYXVsdA","state":"active","state_changed_at":"2026-11-21T18:53:20.757787Z","traits":{"email":"ann@example.org","name":{"first":"Ann","last":"Example"}},"verifiable_addresses":[{"id":"b06b24a5-e75a-46cf-970c-8e401bf03449","value":"ann@example.org","verified":true,"via":"email","status":"completed","created_at":"2026-11-21T18:53:20.759133Z","updated_at":"2026-11-21T18:53:20.759133Z"}],"recovery_addresses":[{"id":"4d19c221-a702-4f74-8ab1-3d90a646f594","value":"ann@example.org","via":"email","created_at":"2026-11-21T18:53:20.759257Z","updated_at":"2026-11-21T18:53:20.759257Z"}],"metadata_public":null,"created_at":"2026-11-21T18:53:20.758757Z","updated_at":"2026-11-21T18:53:20.758757Z","organization_id":null},"devices":[{"id":"ed80384f-a96a-4d4d-8302-d179fcb9248e","ip_address":"127.0.0.1:32782","user_agent":"curl/7.88.1","location":""}]}
        """;
}
