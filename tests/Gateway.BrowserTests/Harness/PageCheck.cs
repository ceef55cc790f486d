using Microsoft.Playwright;

namespace Gateway.BrowserTests.Harness;

/// <summary>What every page owes its readers (WCAG 2.2): asked of the page as Chromium shows it, wide and narrow, light and dark.</summary>
internal static class PageCheck
{
    /// <summary>Fails with every shortcoming of the page.</summary>
    public static async Task PassesAsync(IPage page)
    {
        var before = page.ViewportSize;
        List<string> problems = [];
        foreach (var scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            await page.EmulateMediaAsync(new() { ColorScheme = scheme });
            problems.AddRange((await page.EvaluateAsync<string[]>(Script)).Select(p => $"{scheme}: {p}"));
        }
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Null });

        await page.SetViewportSizeAsync(320, 640);
        var width = await page.EvaluateAsync<int>("document.documentElement.scrollWidth");
        if (width > 320) problems.Add($"is {width} px wide on a screen of 320 px (1.4.10)");
        if (before is not null) await page.SetViewportSizeAsync(before.Width, before.Height);

        if (problems.Count > 0) Assert.Fail($"{page.Url}\n  {string.Join("\n  ", problems.Distinct())}");
    }

    private const string Script = """
        () => {
          const problems = [];
          const all = selector => [...document.querySelectorAll(selector)];
          const name = e => (e.getAttribute('aria-label') || e.textContent || '').trim();
          const shown = e => `<${e.tagName.toLowerCase()}${e.id ? ' id=' + e.id : ''}> "${(e.textContent || '').trim().slice(0, 40)}"`;

          if (!document.documentElement.lang) problems.push('html has no lang (3.1.1)');
          if (!document.title.trim()) problems.push('no title (2.4.2)');
          if (!document.querySelector('meta[name=viewport]')) problems.push('no viewport for small screens');
          if (all('h1').length !== 1) problems.push(`${all('h1').length} h1`);
          if (all('main').length !== 1) problems.push(`${all('main').length} main`);
          const levels = all('h1,h2,h3').map(h => +h.tagName[1]);
          levels.forEach((level, i) => { if (level > (levels[i - 1] ?? 0) + 1) problems.push(`h${level} follows h${levels[i - 1] ?? 0}`); });

          for (const input of all('input:not([type=hidden]),select,textarea')) {
            if (![...input.labels].some(l => l.textContent.trim())) problems.push(`input ${input.name} has no label (1.3.1)`);
            if (input.getAttribute('aria-invalid') === 'true') {
              const why = document.getElementById(input.getAttribute('aria-describedby'));
              if (!why?.textContent.trim()) problems.push(`input ${input.name} does not say what is wrong (3.3.1)`);
              else if (why.getAttribute('role') !== 'alert') problems.push(`what is wrong with ${input.name} is not announced (4.1.3)`);
            }
          }
          for (const e of all('.error')) if (e.getAttribute('role') !== 'alert') problems.push(`an error is not announced: ${shown(e)}`);
          for (const e of all('a[href],button')) if (!name(e)) problems.push(`without a name: ${e.outerHTML.slice(0, 80)} (4.1.2)`);
          for (const e of all('img:not([alt])')) problems.push(`without alternative text: ${e.outerHTML.slice(0, 80)}`);
          for (const e of all('[tabindex]')) if (e.tabIndex > 0) problems.push(`changes the order of focus: ${shown(e)} (2.4.3)`);
          const ids = all('[id]').map(e => e.id);
          ids.filter((id, i) => ids.indexOf(id) !== i).forEach(id => problems.push(`two elements have the id ${id}`));

          const parse = css => { const n = css.match(/[\d.]+/g).map(Number); return { rgb: n.slice(0, 3), alpha: n[3] ?? 1 }; };
          const over = (top, alpha, below) => top.map((c, i) => c * alpha + below[i] * (1 - alpha));
          const luminance = rgb => { const [r, g, b] = rgb.map(c => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
          const backdrop = e => {
            if (!e) return matchMedia('(prefers-color-scheme: dark)').matches ? [18, 18, 18] : [255, 255, 255];
            const { rgb, alpha } = parse(getComputedStyle(e).backgroundColor);
            return alpha === 1 ? rgb : over(rgb, alpha, backdrop(e.parentElement));
          };
          const opacity = e => e ? +getComputedStyle(e).opacity * opacity(e.parentElement) : 1;
          const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (texts.nextNode()) {
            const e = texts.currentNode.parentElement;
            if (!texts.currentNode.data.trim() || !e.checkVisibility()) continue;
            const size = parseFloat(getComputedStyle(e).fontSize);
            if (size < 13) problems.push(`text of ${size} px: ${shown(e)}`);
            const below = backdrop(e);
            const ink = parse(getComputedStyle(e).color);
            const [a, b] = [luminance(over(ink.rgb, ink.alpha * opacity(e), below)), luminance(below)];
            const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
            if (contrast < 4.5) problems.push(`contrast ${contrast.toFixed(2)}: ${shown(e)} (1.4.3)`);
          }
          return problems;
        }
        """;
}
