using System.Text.Encodings.Web;

namespace Gateway.Denials;

/// <summary>The page people see when the gateway answers in its own name. No script, nothing from elsewhere.</summary>
internal static class DenialPage
{
    public const string ContentSecurityPolicy =
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static string Render(Answer answer, string requestId) => $$"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{{HtmlEncoder.Default.Encode(answer.Title)}}</title>
        <style>
        :root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --paper: #f6f7f9; --card: #fff; --line: #d5dae1 }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --soft: #a4adb8; --paper: #14171b;
          --card: #1d2126; --line: #3a414a } }
        body { margin: 0; padding: 1rem; min-height: 100vh; box-sizing: border-box; display: grid;
          place-items: center; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif;
          overflow-wrap: anywhere }
        main { width: 100%; max-width: 30rem; box-sizing: border-box; padding: 2rem; background: var(--card);
          border: 1px solid var(--line); border-radius: .75rem }
        h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .75rem }
        p { margin: 0 }
        footer { margin-top: 1.5rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--soft);
          font-size: .875rem }
        code { font-size: 1em }
        </style>
        </head>
        <body>
        <main>
        <h1>{{HtmlEncoder.Default.Encode(answer.Title)}}</h1>
        <p>{{HtmlEncoder.Default.Encode(answer.Message)}}</p>
        <footer>{{answer.Status}} · Request <code>{{HtmlEncoder.Default.Encode(requestId)}}</code></footer>
        </main>
        </body>
        </html>

        """;
}
