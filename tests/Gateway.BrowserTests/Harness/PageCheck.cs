using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Gateway.BrowserTests.Harness;

/// <summary>
/// What every page owes its readers (WCAG 2.2): asked of the page as Chromium shows it, wide and narrow, light and dark. axe's
/// rules, and what it has none for.
/// </summary>
internal static class PageCheck
{
    /// <summary>Fails with every shortcoming of the page.</summary>
    public static async Task PassesAsync(IPage page)
    {
        var before = page.ViewportSize;
        var problems = new List<string>();
        foreach (var scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            await page.EmulateMediaAsync(new() { ColorScheme = scheme });
            problems.AddRange(Problems(await page.RunAxe()).Select(p => $"{scheme}: {p}"));
        }
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Null });
        problems.AddRange(await page.EvaluateAsync<string[]>(Script));

        await page.SetViewportSizeAsync(320, 640);
        var width = await page.EvaluateAsync<int>("document.documentElement.scrollWidth");
        if (width > 320)
            problems.Add($"is {width} px wide on a screen of 320 px (1.4.10)");
        if (before is not null)
            await page.SetViewportSizeAsync(before.Width, before.Height);

        if (problems.Count > 0)
            Assert.Fail($"{page.Url}\n  {string.Join("\n  ", problems.Distinct())}");
    }

    /// <summary>What axe found, and the contrasts that it could not compute.</summary>
    private static IEnumerable<string> Problems(AxeResult result) =>
        from rule in result.Violations.Concat(result.Incomplete.Where(rule => rule.Id == "color-contrast"))
        from node in rule.Nodes
        select $"{rule.Help} ({rule.Id}): {node.Html}";

    private const string Script = """
        () => {
          const problems = [];
          const all = selector => [...document.querySelectorAll(selector)];
          const shown = e => `<${e.tagName.toLowerCase()}${e.id ? ' id=' + e.id : ''}> "${(e.textContent || '').trim().slice(0, 40)}"`;

          if (!document.querySelector('meta[name=viewport]')) problems.push('no viewport for small screens');
          if (all('h1').length !== 1) problems.push(`${all('h1').length} h1`);

          for (const input of all('[aria-invalid=true]')) {
            const why = document.getElementById(input.getAttribute('aria-describedby'));
            if (!why?.textContent.trim()) problems.push(`input ${input.name} does not say what is wrong (3.3.1)`);
            else if (why.getAttribute('role') !== 'alert') problems.push(`what is wrong with ${input.name} is not announced (4.1.3)`);
          }
          for (const e of all('.error')) if (e.getAttribute('role') !== 'alert') problems.push(`an error is not announced: ${shown(e)}`);
          const ids = all('[id]').map(e => e.id);
          ids.filter((id, i) => ids.indexOf(id) !== i).forEach(id => problems.push(`two elements have the id ${id}`));

          const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (texts.nextNode()) {
            const e = texts.currentNode.parentElement;
            if (!texts.currentNode.data.trim() || !e.checkVisibility()) continue;
            const size = parseFloat(getComputedStyle(e).fontSize);
            if (size < 13) problems.push(`text of ${size} px: ${shown(e)}`);
          }
          return problems;
        }
        """;
}
