namespace Quickstart;

/// <summary>What the Quickstart prints once everything runs.</summary>
internal static class Guide
{
    public static string Text(Ports ports, Uri? kratosUrl, string configPath)
    {
        var gateway = $"http://127.0.0.1:{ports.Gateway}";
        string[] kratos = kratosUrl is null
            ? [$"Kratos (DevKratos)   http://127.0.0.1:{ports.KratosPublic}  admin http://127.0.0.1:{ports.KratosAdmin}",
               $"Login pages          http://127.0.0.1:{ports.Ui}  (in the browser: {gateway}/auth)"]
            : [$"Kratos               {kratosUrl}  (yours; its serve.public.base_url must be {gateway}/kratos/)",
               $"Login pages          http://127.0.0.1:{ports.Ui}  (yours; in the browser: {gateway}/auth)"];
        string[] lines =
        [
            "",
            "The gateway is ready. Open in a browser:",
            "",
            $"    {gateway}/hello",
            "",
            "You are sent to log in; register there, and you come back to the answer of HelloService.",
            $"Who you are, settings and logout: {gateway}/auth/welcome",
            "",
            $"    Gateway              {gateway}",
            $"    Configuration        {configPath}",
            $"    Gateway management   http://127.0.0.1:{ports.Management}/health/ready  /metrics",
            $"    HelloService         http://127.0.0.1:{ports.Hello}",
            $"    WorldService         http://127.0.0.1:{ports.World}",
            .. kratos.Select(line => "    " + line),
            "",
            "Or without a browser:",
            "",
            $"    curl -i {gateway}/hello                              # 401: nobody is signed in",
            $"    curl -i {gateway}/hello -H 'Accept: text/html'       # 302: a browser is sent to log in",
            $"    curl -s {gateway}/kratos/self-service/login/api      # Kratos' public API, through the gateway",
            "",
            "Ctrl+C stops everything.",
            "",
        ];
        return string.Join(Environment.NewLine, lines.Select(line => line.Length > 0 ? "  " + line : ""));
    }
}
