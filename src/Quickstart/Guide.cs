namespace Quickstart;

/// <summary>What the Quickstart prints once everything runs. README.md has the shell's lines word for word.</summary>
internal static class Guide
{
    /// <summary>An account by Kratos' API, through the gateway.</summary>
    private static Step[] SignUp(string kratos) =>
    [
        new($"form=$(curl -s {kratos}/self-service/registration/api | grep -o 'http[^\"]*registration?flow=[^\"]*')"),
        new("email=ann-$(date +%s)@example.org"),
        new("answer=$(curl -s \"$form\" -d method=password -d password=correct-horse-7319 -d traits.email=$email)"),
        new("token=$(echo \"$answer\" | grep -o '\"session_token\":\"[^\"]*' | cut -d'\"' -f4)"),
    ];

    public static string Text(RunningSystem system, LaunchOptions options)
    {
        var (ports, tour) = (system.Ports, system.Tour);
        var gateway = $"http://127.0.0.1:{ports.Gateway}";
        var world = tour.IsVerified ? "  (verifies the identity token)" : "";
        string[] kratos = options.KratosUrl is { } kratosUrl
            ? [$"Kratos               {kratosUrl}  (yours; its serve.public.base_url must be {gateway}{system.KratosPath}/)",
               $"Login pages          http://127.0.0.1:{ports.Ui}  (yours; in the browser: {gateway}/auth)"]
            : [$"Kratos (DevKratos)   http://127.0.0.1:{ports.KratosPublic}  admin http://127.0.0.1:{ports.KratosAdmin}",
               $"Login pages          http://127.0.0.1:{ports.Ui}  (in the browser: {gateway}/auth)"];
        string[] lines =
        [
            "",
            "The gateway is ready. Open in a browser:",
            "",
            $"    {gateway}{tour.FirstPage}",
            "",
            "Where somebody has to be signed in you are sent to log in; register there, and you come back.",
            $"Who you are, what else there is to try, settings and logout: {gateway}/auth/welcome",
            "",
            $"    Gateway              {gateway}",
            $"    Configuration        {options.ConfigPath}",
            $"    Gateway management   http://127.0.0.1:{ports.Management}/health/ready  /metrics",
            $"    HelloService         http://127.0.0.1:{ports.Hello}",
            $"    WorldService         http://127.0.0.1:{ports.World}{world}",
            .. kratos.Select(line => "    " + line),
            "",
            "Or without a browser:",
            "",
            .. Shell(system, options).Select(line => "    " + line),
            "",
            "Ctrl+C stops everything.",
            "",
        ];
        return string.Join(Environment.NewLine, lines.Select(line => line.Length > 0 ? "  " + line : ""));
    }

    /// <summary>What to type, in order.</summary>
    private static IEnumerable<string> Shell(RunningSystem system, LaunchOptions options)
    {
        string[] addresses =
        [
            $"gateway=http://127.0.0.1:{system.Ports.Gateway}", $"management=http://127.0.0.1:{system.Ports.Management}",
        ];
        Step[] signUp = options.KratosUrl is null
            ? SignUp(system.KratosForShell)
            : [new("token=", "a session token of your Kratos")];
        Step[] steps = [.. system.Tour.Anonymous, .. signUp, .. system.Tour.SignedIn];
        return [.. addresses, .. steps.Select(step => step.ToString())];
    }
}
