"""One comparison: start everything, check it, warm it up, then measure slice by slice beside the base."""

import contextlib
import time

import load
import ratios
from processes import machine_cpu, wait_until
from variants import Absent, check

# Seconds of load before every slice.
LEAD_IN = 1


def compare(bench, name, title, shape, base, others):
    """Runs a scenario and returns its record: the slices as measured and, per variant, the summary of them."""
    options = bench.options
    with contextlib.ExitStack() as stack:
        contestants, absent = {}, []
        for variant in [base, *others]:
            if shape.http2 and not variant.http2:
                continue
            try:
                endpoint = start(bench, variant, shape)
            except (Absent, RuntimeError) as reason:
                if variant is base:
                    raise
                bench.say(f"  {variant.title}: absent, {reason}")
                absent.append({"key": variant.key, "title": variant.title, "reason": str(reason)})
                continue
            if endpoint.process:
                stack.callback(endpoint.process.stop)
            contestants[variant.key] = (variant, endpoint)

        bench.say(f"{name}: {shape.describe()}; {len(contestants)} variants, {options.rounds} rounds of {options.seconds} s slices, warm-up {options.warmup} s each")
        for variant, endpoint in contestants.values():
            warm = load.Load(endpoint.port, variant.prefix, shape, options.warmup, bench.scratch).result()
            bench.say(f"  warm: {variant.title:38} {warm['rps']:9,.0f}/s" + (f", {warm['errors']} errors" if warm["errors"] else ""))
            if endpoint.process:
                endpoint.process.reset_peak()

        slices, began = [], time.monotonic()
        keys = [k for k in contestants if k != base.key]
        for turn in range(options.rounds):
            for key in ratios.plan(keys, turn):
                if key and key not in keys:
                    continue
                variant, endpoint = contestants[key or base.key]
                try:
                    one = measure(bench, variant, endpoint, shape)
                except RuntimeError as reason:
                    if variant is base:
                        raise
                    bench.say(f"  {variant.title}: dropped, {reason}")
                    absent.append({"key": key, "title": variant.title, "reason": f"dropped in round {turn + 1}: {reason}"})
                    keys.remove(key)
                    continue
                slices.append({"round": turn, "variant": variant.key, "time": time.monotonic() - began - options.seconds / 2} | one)
            bench.say(f"  round {turn + 1}/{options.rounds} done")
        return {
            "title": title, "shape": shape.describe(), "base": base.key, "connections": shape.connections,
            "rounds": options.rounds, "slice_seconds": options.seconds, "warmup_seconds": options.warmup,
            "absent": absent, "variants": summarise(slices, base.key, {k: v for k, (v, _) in contestants.items()}), "slices": slices,
        }


def start(bench, variant, shape):
    endpoint = variant.start(bench, shape)
    try:
        if endpoint.process:
            ask = load.get_http2 if shape.http2 else load.get
            headers = load.browser_headers(7)
            last = []

            def answered():
                last[:] = ask(endpoint.port, f"{variant.prefix}/echo", headers)
                return last[0] == 200
            try:
                wait_until(answered, variant.patience, "waiting for its first answer", endpoint.process)
            except RuntimeError as reason:
                raise RuntimeError(f"last answer {last[0]}: {reason}" if last and last[0] else str(reason)) from None
        wrong = check(endpoint, variant, shape)
        if wrong:
            raise RuntimeError(wrong)
    except RuntimeError:
        if endpoint.process:
            endpoint.process.stop()
        raise
    return endpoint


def measure(bench, variant, endpoint, shape):
    proxy, upstream, sessions = endpoint.process, bench.upstream, bench.sessions
    # The base comes to every other slice, the others wait for minutes: what each has lost meanwhile (caches, heap, connections) must not be counted.
    load.Load(endpoint.port, variant.prefix, shape, LEAD_IN, bench.scratch).result()
    if proxy:
        proxy.reset_peak()
        proxy.empty_log()
    time.sleep(0.3)  # what the lead-in left in flight must not be counted either
    before = bench.whoami(), proxy.cpu() if proxy else 0, upstream.cpu(), sessions.cpu(), machine_cpu(), time.monotonic()
    running = load.Load(endpoint.port, variant.prefix, shape, bench.options.seconds, bench.scratch)
    scraped = scrape(endpoint)
    result = running.result()
    after = bench.whoami(), proxy.cpu() if proxy else 0, upstream.cpu(), sessions.cpu(), machine_cpu(), time.monotonic()
    if proxy and not proxy.alive():
        raise RuntimeError(f"{variant.title} ended: {proxy.tail()}")
    requests = max(1, result["requests"])
    proxy_cpu, upstream_cpu, session_cpu = (after[i] - before[i] for i in (1, 2, 3))
    ours = proxy_cpu + upstream_cpu + session_cpu + result["load_cpu"]
    elapsed = after[5] - before[5]
    one = {
        "rps": round(result["rps"], 1), "requests": result["requests"], "errors": result["errors"],
        "p50_ms": result["p50_ms"], "p99_ms": result["p99_ms"],
        "cpu_us": round(proxy_cpu / requests * 1e6, 2) if proxy else None,
        "upstream_cpu_us": round(upstream_cpu / requests * 1e6, 2), "session_cpu_us": round(session_cpu / requests * 1e6, 2),
        "whoami": after[0] - before[0],
        "other_cpu": round(max(0.0, after[4][0] - before[4][0] - ours) / elapsed, 3), "stolen_cpu": round((after[4][1] - before[4][1]) / elapsed, 3),
    }
    if proxy:
        one |= {f"{k}_mb": round(v, 1) for k, v in proxy.memory().items()}
        one["log_bytes"] = round(proxy.log_bytes() / requests, 1)
        proxy.empty_log()
    if scraped is not None:
        one["scraped_bytes"] = scraped
    return one


def scrape(endpoint):
    """Reads the gateway's metrics once in every slice, as a collector would: they are on, and asked for."""
    if not endpoint.management:
        return None
    status, body = load.get(endpoint.management, "/metrics")
    return len(body) if status == 200 else 0


def summarise(slices, base, variants):
    """Per variant: medians of the raw figures, and median and spread of its ratios to the base."""
    figures = ("rps", "p50_ms", "p99_ms", "cpu_us", "upstream_cpu_us", "log_bytes", "pss_mb")
    of_base = {f: ratios.paired(slices, base, lambda s, f=f: s.get(f)) for f in ("cpu_us", "rps", "p99_ms")}
    summary = {}
    for key, variant in variants.items():
        mine = [s for s in slices if s["variant"] == key]
        row = {"title": variant.title, "note": variant.note}
        for figure in figures:
            row[figure] = ratios.spread([s.get(figure) for s in mine])
        row["peak_mb"] = max((s["peak_mb"] for s in mine if "peak_mb" in s), default=None)
        row["requests"] = sum(s["requests"] for s in mine)
        row["errors"] = sum(s["errors"] for s in mine)
        row["whoami"] = sum(s["whoami"] for s in mine)
        row["metrics_scraped"] = any(s.get("scraped_bytes") for s in mine)
        for figure, name in (("cpu_us", "cpu_ratio"), ("rps", "rps_ratio"), ("p99_ms", "p99_ratio")):
            row[name] = ratios.spread(list(of_base[figure].get(key, {}).values()))
        # Second check: the same noise is in the upstream's CPU of the same slice.
        row["cpu_to_upstream"] = ratios.spread([s["cpu_us"] / s["upstream_cpu_us"] for s in mine if s.get("cpu_us") and s["upstream_cpu_us"]])
        summary[key] = row
    return summary
