using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;

namespace DevKratos.Pages;

/// <summary>The frame of every page: one column, one style sheet in the page itself, nothing loaded from anywhere.</summary>
internal static class Layout
{
    private const string Css = """
        :root{color-scheme:light dark;--ink:#1b1f24;--paper:#f6f7f9;--card:#fff;--line:#d5dae1;--soft:#57606a;
          --accent:#0b57d0;--on-accent:#fff;--bad:#b3261e;--bad-bg:#fdeceb;--good:#146c2e;--good-bg:#e8f5ec}
        @media (prefers-color-scheme:dark){:root{--ink:#e6e9ee;--paper:#14171b;--card:#1d2126;--line:#3a414a;
          --soft:#a4adb8;--accent:#8ab4f8;--on-accent:#10141a;--bad:#ffb4ab;--bad-bg:#3a1c1a;--good:#8fd8a4;
          --good-bg:#14301d}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
        main,header,footer{max-width:32rem;margin:0 auto;padding:0 1rem}
        header{padding-top:max(2rem,8vh);color:var(--soft)}
        header a{color:inherit;text-decoration:none;font-weight:600}
        main{margin:1rem auto}
        section{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:1.5rem;margin-bottom:1rem}
        section>:last-child,form>:last-child{margin-bottom:0}
        h1{font-size:1.5rem;line-height:1.25;margin:0 0 1rem}
        h2{font-size:1.125rem;line-height:1.25;margin:0 0 1rem}
        p{margin:0 0 1rem}
        label,.label{display:block;font-weight:600;margin-bottom:.25rem}
        .field{margin-bottom:1rem}
        input{width:100%;font:inherit;padding:.6rem .7rem;color:inherit;background:var(--paper);
          border:1px solid var(--soft);border-radius:.4rem}
        input[aria-invalid=true]{border-color:var(--bad)}
        button,.button{display:inline-block;font:inherit;font-weight:600;padding:.6rem 1.2rem;
          border:1px solid var(--accent);border-radius:.4rem;background:var(--accent);color:var(--on-accent);
          cursor:pointer;text-decoration:none}
        .actions{display:flex;flex-wrap:wrap;gap:.75rem}
        .quiet{background:transparent;color:var(--accent)}
        a{color:var(--accent)}
        :focus-visible{outline:3px solid var(--accent);outline-offset:2px}
        .message{border-radius:.4rem;padding:.6rem .8rem;margin:0 0 1rem;border:1px solid var(--line)}
        .error{color:var(--bad);background:var(--bad-bg);border-color:var(--bad)}
        .success{color:var(--good);background:var(--good-bg);border-color:var(--good)}
        .hint{color:var(--bad);margin:.25rem 0 0}
        code{font-size:.9375rem;background:var(--paper);padding:.1rem .3rem;border-radius:.25rem}
        .block{display:block;padding:.6rem .7rem;border-radius:.4rem}
        .soft{color:var(--soft)}
        dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem;margin:0}
        dt{color:var(--soft)}dd{margin:0}
        nav ul{list-style:none;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:.5rem 1.25rem}
        main>p{margin-top:1.25rem}
        footer{color:var(--soft);font-size:.875rem;padding-bottom:2rem}
        """;

    private static readonly string Policy =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Css)))}'; "
            + $"img-src data:; base-uri 'none'; frame-ancestors 'none'";

    public static Task WriteAsync(HttpContext context, string title, string content, int status = StatusCodes.Status200OK)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "same-origin";
        return response.WriteAsync(
            $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{Text(title)} · Gateway demo</title>
            <style>{Css}</style>
            </head>
            <body>
            <header><a href="welcome">Gateway demo</a></header>
            <main>
            {content}
            </main>
            <footer><p>DevKratos: a stand-in for Ory Kratos, for development only. Accounts live in memory and end with the process.</p></footer>
            </body>
            </html>

            """,
            context.RequestAborted);
    }

    /// <summary>A page of one section.</summary>
    public static Task PageAsync(HttpContext context, string title, string content, int status = StatusCodes.Status200OK) =>
        WriteAsync(context, title, Section(title, content), status);

    public static string Text(string? value) => HtmlEncoder.Default.Encode(value ?? "");

    public static string Section(string heading, string content, int level = 1) =>
        $"<section>\n<h{level}>{Text(heading)}</h{level}>\n{content}\n</section>\n";
}
