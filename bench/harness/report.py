"""The tables: for the terminal, and as the marked block of docs/performance.md."""

import re
from statistics import median

import targets

NOISE = 0.05
QUIET = 0.25  # cores
BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"


def markdown(results, chart):
    m, scenarios = results["machine"], results["scenarios"]
    lines = [f"Measured on {results['date'][:16].replace('T', ' ')} UTC at commit `{results['commit']}`: {m['cpu']}, {m['cores']} cores, {m['memory_gb']} GB, {m['os']}, kernel {m['kernel']}. "
             + ", ".join(f"{k} {v}" for k, v in results["versions"].items()) + ".", ""]
    if any(s.get("quick") for s in scenarios.values()):
        lines += ["**A smoke run with tiny slices: these figures say nothing about speed.**", ""]
    lines += ["### Targets", "", "| target | limit | figure (median, min..max) | verdict |", "| --- | --- | --- | --- |"]
    for row in targets.verdicts(scenarios):
        lines.append(f"| {row['target']} | {row['limit']} | {figure(row)} | {verdict(row)} |")
    lines += ["", noise(scenarios), ""]
    if chart and "small" in scenarios:
        lines += [f"![CPU per request and throughput of each proxy beside bare YARP]({chart})", ""]
    for record in scenarios.values():
        if "slices" in record:
            lines += comparison(record)
    lines += startup(scenarios.get("startup")) + routes(scenarios.get("routes")) + memory(scenarios.get("memory"))
    return "\n".join(lines).rstrip() + "\n"


def figure(row):
    f = row["figure"]
    if f is None:
        return "not measured"
    digits = 0 if row["unit"] == " MB" else 2
    text = f"{f['median']:.{digits}f}{row['unit']}"
    return text + (f" ({f['min']:.{digits}f}..{f['max']:.{digits}f})" if f["n"] > 1 else "")


def verdict(row):
    return {True: "met", False: "**missed**", None: "–"}[row["met"]]


def noise(scenarios):
    again = [(k, s["variants"]["yarp-again"]["cpu_ratio"]) for k, s in scenarios.items() if s.get("variants", {}).get("yarp-again", {}).get("cpu_ratio")]
    if not again:
        return "No noise figure: the base was not repeated."
    return "Noise: the base repeated under another name differs from itself by " + ", ".join(f"{a['median']:.2f} ({a['min']:.2f}..{a['max']:.2f}) in {k}" for k, a in again) + \
        " in CPU per request. Differences under 5 % are marked ≈ and are none."


def comparison(record):
    others = [s["other_cpu"] + s["stolen_cpu"] for s in record["slices"]] or [0]
    lines = [f"### {record['title']}", "",
             f"{record['shape']}; {record['rounds']} rounds of {record['slice_seconds']:g} s slices after {record['warmup_seconds']:g} s of warm-up each; measured {record['date'][:16].replace('T', ' ')} UTC"
             f" at `{record['commit']}`. Cores taken by anything else meanwhile: {median(others):.2f} at the median, {max(others):.2f} at most"
             + (" (**the machine was not quiet**)" if median(others) > QUIET else "") + ".", "",
             f"| variant | CPU/request vs {record['variants'][record['base']]['title']} (min..max) | CPU µs/request | requests/s | throughput vs base (min..max) | p50 ms | p99 ms | peak memory MB | whoami calls per 1,000 requests |",
             "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
    for key, row in record["variants"].items():
        base = key == record["base"]
        lines.append("| " + " | ".join([
            row["title"] + (f" (**{row['errors']:,} errors**)" if row["errors"] else ""),
            "1" if base else ratio(row["cpu_ratio"]), number(row["cpu_us"], 1), number(row["rps"], 0), "1" if base else ratio(row["rps_ratio"]),
            number(row["p50_ms"], 2), number(row["p99_ms"], 2), "–" if row["peak_mb"] is None else f"{row['peak_mb']:.0f}",
            f"{1000 * row['whoami'] / max(1, row['requests']):.2f}".rstrip("0").rstrip(".")]) + " |")
    logged = [f"{row['title']} {row['log_bytes']['median']:.0f}" for row in record["variants"].values() if row["log_bytes"] and row["log_bytes"]["median"] > 1]
    for gone in record["absent"]:
        lines.append(f"| {gone['title']} | absent: {cell(gone['reason'])} | | | | | | | |")
    return lines + ([""] + ["Written to the log, bytes per request: " + ", ".join(logged) + "."] if logged else []) + [""]


def ratio(r):
    if not r:
        return "–"
    same = "≈ " if abs(r["median"] - 1) < NOISE else ""
    return f"{same}{r['median']:.2f} ({r['min']:.2f}..{r['max']:.2f})"


def number(s, digits):
    return "–" if not s else f"{s['median']:,.{digits}f}"


def cell(text):
    return re.sub(r"\s+", " ", str(text)).replace("|", "¦")[:160]


def startup(record):
    if not record:
        return []
    lines = [f"### {record['title']}", "", "| process | seconds (median of " + str(record["starts"]) + ", min..max) |", "| --- | --- |"]
    for row in record["rows"]:
        s = row.get("seconds")
        lines.append(f"| {row['title']} | " + (f"{s['median']:.3f} ({s['min']:.3f}..{s['max']:.3f})" if s else f"absent: {cell(row['absent'])}") + " |")
    return lines + [""]


def routes(record):
    if not record or not record.get("start"):
        return []
    s = record["start"]
    return [f"Start of the process with the generated configuration to its first answer: {s['median']:.2f} s ({s['min']:.2f}..{s['max']:.2f}).", ""]


def memory(record):
    if not record:
        return []
    lines = ["### Memory", "", f"| process after {record['warmup_seconds']:g} s under {record['connections']} connections | RSS MB | peak MB | PSS MB |", "| --- | --- | --- | --- |"]
    for row in record["rows"]:
        lines.append(f"| {row['title']} | " + (f"{row['rss']:.0f} | {row['peak']:.0f} | {row['pss']:.0f} |" if "rss" in row else f"absent: {cell(row['absent'])} | | |"))
    f = record.get("filled")
    if f:
        kept = 1 - f["second_pass_whoami"] / max(1, min(f["sessions"], f["second_pass_requests"]))
        lines += ["", f"{f['sessions']:,} sessions, each asked for once ({f['whoami']:,} whoami calls in {f['seconds']:g} s, the cache set to keep them 10 minutes and to hold a fifth more): RSS {f['before_mb']['rss']:.0f} MB before, "
                  f"{f['after_mb']['rss']:.0f} MB after (peak {f['after_mb']['peak']:.0f}), {f['after_second_pass_mb']['rss']:.0f} MB after asking again. "
                  f"The second pass found {kept:.1%} of them in the cache."]
    return lines + [""]


def update_document(path, block):
    """Puts the block between the two marks; a document without them gets them at its end, a missing one is begun."""
    text = path.read_text() if path.exists() else "# Performance\n"
    marked = f"{BEGIN}\n{block}{END}"
    if BEGIN in text and END in text:
        text = text[:text.index(BEGIN)] + marked + text[text.index(END) + len(END):]
    else:
        text = text.rstrip() + f"\n\n{marked}\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
