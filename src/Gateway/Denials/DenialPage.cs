using System.Text.Encodings.Web;

namespace Gateway.Denials;

/// <summary>The page people see when the gateway answers in its own name. No script, nothing from elsewhere.</summary>
internal static class DenialPage
{
    public const string ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static string Render(Answer answer, string requestId) => $$"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{{HtmlEncoder.Default.Encode(answer.Title)}}</title>
        <style>
        :root { color-scheme: light dark; font: 100%/1.5 system-ui, sans-serif }
        body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: Canvas; color: CanvasText }
        main { max-width: 34rem; padding: 2rem }
        h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .5rem }
        p { margin: 0 0 1rem }
        small { opacity: .75 }
        </style>
        </head>
        <body>
        <main>
        <h1>{{HtmlEncoder.Default.Encode(answer.Title)}}</h1>
        <p>{{HtmlEncoder.Default.Encode(answer.Message)}}</p>
        <p><small>{{answer.Status}} · request <code>{{HtmlEncoder.Default.Encode(requestId)}}</code></small></p>
        </main>
        </body>
        </html>

        """;
}
