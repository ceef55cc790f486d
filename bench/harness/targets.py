"""The targets of the gateway, each with its figure and whether it is met. A figure is None where its scenario has not been measured."""

import ratios


def verdicts(scenarios):
    small, memory, startup, routes = (scenarios.get(k) for k in ("small", "memory", "startup", "routes"))
    rows = [
        at_most("CPU per request, anonymous, vs bare YARP", 0.95, cpu(small, "gateway-anonymous"), "×"),
        at_most("CPU per request, signed in (cache hit, four identity headers, metrics and access log on), vs bare YARP", 1.00, observed_cpu(small, "gateway-signed-in"), "×"),
        at_most("CPU per request, with three more conditions, vs bare YARP", 1.02, observed_cpu(small, "gateway-conditions"), "×"),
        at_least("Throughput at 32 connections vs nginx auth_request with proxy_cache", 0.8, versus(small, "gateway-signed-in", "nginx-auth-cache", "rps"), "×"),
        at_most("p99 at 32 connections vs nginx auth_request with proxy_cache", 1.0, versus(small, "gateway-signed-in", "nginx-auth-cache", "p99_ms"), "×", strictly=True),
        at_least("Throughput vs Caddy forward_auth, session server of 1 ms", 5.0, versus(small, "gateway-signed-in", "caddy-forward-auth", "rps"), "×"),
        at_least("Throughput vs nginx auth_request without a cache, session server of 1 ms", 5.0, versus(small, "gateway-signed-in", "nginx-auth", "rps"), "×"),
        at_most("Memory (RSS) with 100,000 cached sessions", 260, filled(memory), " MB"),
        at_most("Start with 5,000 routes and rules", 3.0, routes and routes.get("start"), " s", strictly=True),
        at_most("CPU per request with 5,000 routes and rules vs one", 1.10, cpu(routes, "gateway-many-routes"), "×", strictly=True),
        at_most("Process start to first answered request", 1.0, next((r.get("seconds") for r in (startup or {}).get("rows", []) if r["key"] == "gateway"), None), " s"),
        at_most("RSS after warm-up under 64 connections", 120, next((one(r.get("rss")) for r in (memory or {}).get("rows", []) if r["key"] == "gateway"), None), " MB"),
    ]
    return rows


def at_most(text, limit, figure, unit, strictly=False):
    met = None if figure is None else (figure["median"] < limit if strictly else figure["median"] <= limit)
    return {"target": text, "limit": f"{'<' if strictly else '≤'} {limit:g}{unit}", "figure": figure, "unit": unit, "met": met}


def at_least(text, limit, figure, unit):
    return {"target": text, "limit": f"≥ {limit:g}{unit}", "figure": figure, "unit": unit, "met": None if figure is None else figure["median"] >= limit}


def cpu(scenario, variant):
    row = scenario and scenario["variants"].get(variant)
    return row and row["cpu_ratio"]


def observed_cpu(scenario, variant):
    """The same, but only if the access log was written and the metrics could be read meanwhile."""
    row = scenario and scenario["variants"].get(variant)
    return cpu(scenario, variant) if row and row["metrics_scraped"] and row["log_bytes"] and row["log_bytes"]["median"] > 20 else None


def versus(scenario, mine, other, figure):
    return scenario and ratios.against(scenario["slices"], scenario["base"], mine, other, lambda s: s.get(figure))


def filled(memory):
    """Counts only if the second pass over the sessions shows that at least 99 % of them were in the cache."""
    f = (memory or {}).get("filled")
    if not f or f["sessions"] < 100_000 or f["second_pass_whoami"] > 0.01 * min(f["sessions"], f["second_pass_requests"]):
        return None
    return one(max(f["after_mb"]["rss"], f["after_second_pass_mb"]["rss"]))


def one(value):
    return None if value is None else {"median": value, "min": value, "max": value, "n": 1}
