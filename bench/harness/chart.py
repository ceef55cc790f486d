"""A small SVG, readable on light and dark pages: CPU per request and throughput of each variant, as multiples of bare YARP."""

from html import escape

ROW, LEFT, PANEL, GAP, TOP = 22, 268, 250, 60, 58


def svg(record):
    rows = [(k, r) for k, r in record["variants"].items() if r.get("rps_ratio") or k == record["base"]]
    height = TOP + ROW * len(rows) + 34
    width = LEFT + 2 * PANEL + GAP + 60
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="CPU per request and throughput beside bare YARP">',
        "<style>"
        # Mid-tones that stand out on white and on black alike: a page's theme and the system's are not always the same.
        "text{font:12px system-ui,sans-serif;fill:#727a84}.h{font-weight:600}.s{font-size:11px}"
        ".b{fill:#8c959f}.g{fill:#2f81f7}.w{stroke:#d1242f;stroke-width:1.4}.l{stroke:#727a84;stroke-dasharray:3 3}"
        "</style>",
    ]
    panels = (("CPU per request (less is better)", "cpu_ratio", 3.0), ("Requests per second (more is better)", "rps_ratio", 2.5))
    for n, (title, figure, limit) in enumerate(panels):
        left = LEFT + n * (PANEL + GAP)
        highest = max([1.2] + [r[figure]["max"] for _, r in rows if r.get(figure)])
        scale = PANEL / min(limit, highest)
        out.append(f'<text class="h" x="{left}" y="18">{title}</text><text class="s" x="{left}" y="34">× bare YARP; median of paired ratios, line min..max</text>')
        for i, (key, row) in enumerate(rows):
            y = TOP + i * ROW
            r = row.get(figure) or ({"median": 1, "min": 1, "max": 1} if key == record["base"] else None)
            if r is None:
                out.append(f'<text class="s" x="{left + 4}" y="{y + 13}">–</text>')
                continue
            cut = r["median"] * scale > PANEL
            length = min(PANEL, r["median"] * scale)
            kind = "g" if key.startswith("gateway") else "b"
            out.append(f'<rect class="{kind}" x="{left}" y="{y + 2}" width="{length:.1f}" height="{ROW - 8}" rx="2"/>')
            if not cut and r["max"] > r["min"]:
                low, high = left + r["min"] * scale, left + min(PANEL, r["max"] * scale)
                out.append(f'<line class="w" x1="{low:.1f}" x2="{high:.1f}" y1="{y + ROW / 2 - 2}" y2="{y + ROW / 2 - 2}"/>')
            end = left + (PANEL if cut else max(length, min(PANEL, r["max"] * scale)))
            out.append(f'<text class="s" x="{end + 5:.1f}" y="{y + 13}">{"▸ " if cut else ""}{r["median"]:.2f}</text>')
        one = left + scale
        out.append(f'<line class="l" x1="{one:.1f}" x2="{one:.1f}" y1="{TOP - 6}" y2="{TOP + ROW * len(rows)}"/>')
    for i, (key, row) in enumerate(rows):
        out.append(f'<text{" class=" + chr(34) + "h" + chr(34) if key.startswith("gateway") else ""} x="{LEFT - 10}" y="{TOP + i * ROW + 13}" text-anchor="end">{escape(row["title"])}</text>')
    out.append(f'<text class="s" x="{LEFT}" y="{height - 10}">{escape(record["shape"])}; {escape(record["date"][:10])}</text></svg>')
    return "\n".join(out) + "\n"
