"""The scenarios by name. Each returns one or more records for the report."""

import json
import subprocess
import time

import load
import ratios
from comparison import compare, start
from load import Shape
from variants import BASE, Variant, all_variants, gateway, nginx, yarp

# What the smaller comparisons are about; the first one has everything.
FEW = ("yarp-again", "gateway-anonymous", "gateway-signed-in", "nginx-auth-cache")


def chosen(bench, keys=None):
    return [v for v in all_variants() if (bench.options.only and v.key in bench.options.only) or (not bench.options.only and (keys is None or v.key in keys))]


def small(bench):
    return {"small": compare(bench, "small", "Small JSON answers", Shape("json", 32), BASE, chosen(bench))}


def connections(bench):
    return {f"connections-{n}": compare(bench, f"connections-{n}", f"Small JSON answers, {n} connection" + "s"[:n != 1], Shape("json", n), BASE, chosen(bench, FEW))
            for n in (1, 4, 512)}


def ten_kilobytes(bench):
    return {"10k": compare(bench, "10k", "10 kB answers", Shape("10k", 32), BASE, chosen(bench, FEW))}


def upload(bench):
    return {"upload": compare(bench, "upload", "100 kB uploads", Shape("upload", 32, method="POST", body=100_000), BASE, chosen(bench, FEW))}


def http2(bench):
    return {"h2": compare(bench, "h2", "HTTP/2 in (cleartext)", Shape("json", 8, http2=True, streams=4), BASE, chosen(bench, FEW))}


def routes(bench):
    """The same requests under the same rule, once as one route of 5,000 with 5,000 rules, once as the only one."""
    count = bench.options.routes
    one = Variant("gateway-one-route", "Gateway, 1 route and rule", gateway("gateway-one-route", lambda d, v: generated(d, v, 1)), prefix="/r/0001", session_required=True, identity=("X-User-Id",))
    again = Variant("gateway-one-again", "Gateway, 1 route again (noise)", gateway("gateway-one-again", lambda d, v: generated(d, v, 1)), prefix="/r/0001", session_required=True)
    many = Variant("gateway-many-routes", f"Gateway, {count:,} routes and rules", gateway("gateway-many-routes", lambda d, v: generated(d, v, count)), prefix="/r/0001",
                   session_required=True, identity=("X-User-Id",), patience=60)
    shape = Shape("json", 32, routes=count)
    record = compare(bench, "routes", f"{count:,} generated routes and rules", shape, one, [many, again])
    try:
        record["start"] = starts(bench, many, "/r/0001/json", load.browser_headers(7), shape, min(5, bench.options.starts))
    except RuntimeError as reason:  # the comparison before it still counts
        bench.say(f"routes: start not measured, {reason}")
    return {"routes": record}


def generated(directory, values, count):
    """A configuration of count routes, each with a rule of its own that names a condition of its own. With one, the route takes every /r/NNNN."""
    rules, routes_ = {}, {}
    for i in range(1, count + 1):
        rules[f"rule-{i:04}"] = {"Session": "Required", "Require": [{"VerifiedEmail": True}, {"Trait": {"Path": "email", "EndsWith": "@example.org"}}]}
        path = f"/r/{i:04}/{{**rest}}" if count > 1 else "/r/{**rest}"
        routes_[f"route-{i:04}"] = {"ClusterId": "upstream", "AuthorizationPolicy": f"rule-{i:04}", "Match": {"Path": path}}
    file = directory / "gateway.json"
    file.write_text(json.dumps({
        "Kratos": {"PublicUrl": f"http://127.0.0.1:{values['SESSIONS']}"},
        "Management": {"Url": f"http://127.0.0.1:{values['PORT2']}"},
        "AccessRules": rules,
        "Forwarding": {"IdentityHeaders": {"X-User-Id": "{identity.id}", "X-User-Email": "{identity.traits.email}",
                                           "X-Session-Id": "{session.id}", "X-Session-Aal": "{session.authenticator_assurance_level}"}},
        "ReverseProxy": {"Routes": routes_, "Clusters": {"upstream": {"Destinations": {"one": {"Address": f"http://127.0.0.1:{values['UPSTREAM']}"}}}}},
    }, indent=1))
    return file


def starts(bench, variant, path, headers, shape, times):
    """Seconds from the start of the process to the first answer that came through it from the upstream; one that takes a minute is not tried again."""
    seconds = []
    for _ in range(times):
        endpoint = variant.start(bench, shape)
        try:
            end = endpoint.process.started + 60
            while load.get(endpoint.port, path, headers, timeout=30)[0] != 200:
                if not endpoint.process.alive():
                    raise RuntimeError(f"{variant.title} did not start: {endpoint.process.tail()}")
                if time.monotonic() > end:
                    return ratios.spread([*seconds, time.monotonic() - endpoint.process.started])
                time.sleep(0.002)
            seconds.append(time.monotonic() - endpoint.process.started)
        finally:
            endpoint.process.stop()
    return ratios.spread(seconds)


def startup(bench):
    shape, rows = Shape("json", 1), []
    for variant, path in ((Variant("gateway", "Gateway", gateway("gateway-start")), "/anon/json"), (Variant("yarp", "bare YARP", yarp("yarp-start")), "/anon/json"),
                          (Variant("nginx", "nginx", nginx("nginx-start", "nginx-plain.conf")), "/anon/json")):
        try:
            rows.append({"key": variant.key, "title": variant.title, "seconds": starts(bench, variant, path, {}, shape, bench.options.starts)})
            bench.say(f"startup: {variant.title} {rows[-1]['seconds']['median']:.2f} s")
        except Exception as reason:  # one that cannot start must not end the others' measurement
            bench.say(f"startup: {variant.title} absent, {reason}")
            rows.append({"key": variant.key, "title": variant.title, "absent": str(reason)})
    return {"startup": {"title": "Process start to first answered request", "starts": bench.options.starts, "rows": rows}}


def memory(bench):
    """Resident memory after a warm-up with 64 connections, and with 100,000 sessions in the cache."""
    record = {"title": "Memory", "connections": 64, "sessions": bench.options.sessions, "warmup_seconds": bench.options.warmup, "rows": []}
    shape = Shape("json", 64)
    for variant in (Variant("gateway", "Gateway, signed in", gateway("gateway-memory"), identity=("X-User-Id",), session_required=True),
                    Variant("yarp", "bare YARP", yarp("yarp-memory")),):
        endpoint = attempt(bench, variant, shape, record)
        if not endpoint:
            continue
        try:
            load.Load(endpoint.port, variant.prefix, shape, bench.options.warmup, bench.scratch).result()
            record["rows"].append({"key": variant.key, "title": variant.title} | rounded(endpoint.process.memory()))
            bench.say(f"memory: {variant.title} {record['rows'][-1]}")
        finally:
            endpoint.process.stop()

    # Ten minutes, so that the first sessions are still there when the last ones come; a fifth more room, so that none is put out when the last one comes.
    long_lived = gateway("gateway-sessions")
    variant = Variant("gateway-sessions", "Gateway, cache filled",
                      lambda b, s: long_lived(b, s, {"Sessions__CacheDuration": "00:10:00", "Sessions__MaxEntries": str(bench.options.sessions * 6 // 5)}),
                      identity=("X-User-Id",), session_required=True)
    endpoint = attempt(bench, variant, shape, record)
    if endpoint:
        try:
            record["filled"] = fill_cache(bench, endpoint)
            bench.say(f"memory: {record['filled']}")
        finally:
            endpoint.process.stop()
    return {"memory": record}


def attempt(bench, variant, shape, record):
    try:
        return start(bench, variant, shape)
    except Exception as reason:
        bench.say(f"  {variant.title}: absent, {reason}")
        record["rows"].append({"key": variant.key, "title": variant.title, "absent": str(reason)})
        return None


def fill_cache(bench, endpoint):
    """Sends every session once, then all of them again for a while: the share that asks the session server again is what was not cached."""
    sessions = bench.options.sessions
    before = rounded(endpoint.process.memory())
    endpoint.process.reset_peak()
    asked = bench.whoami()
    began = time.monotonic()
    pour(endpoint.port, sessions, 180, lambda: bench.whoami() - asked >= sessions * 0.999)
    seconds, filled = time.monotonic() - began, rounded(endpoint.process.memory())
    asked = bench.whoami() - asked
    again = bench.whoami()
    answered = pour(endpoint.port, sessions, max(5, sessions / 10_000), None)
    again = bench.whoami() - again
    return {
        "sessions": sessions, "seconds": round(seconds, 1), "whoami": asked, "before_mb": before, "after_mb": filled,
        "second_pass_requests": answered, "second_pass_whoami": again, "after_second_pass_mb": rounded(endpoint.process.memory()),
    }


def pour(port, sessions, seconds, enough):
    """Every request with the next session's cookie, for so many seconds at most or until enough() says so. Returns the requests, if it came to its own end."""
    process = subprocess.Popen(["wrk", "-t1", "-c32", f"-d{round(seconds)}s", "--timeout", "10s", "-s", str(load.WRK / "sessions.lua"), f"http://127.0.0.1:{port}/user/json", "--", str(sessions)],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    end = time.monotonic() + seconds + 30
    while enough and process.poll() is None and time.monotonic() < end:
        if enough():
            process.kill()
        time.sleep(0.2)
    try:
        output, _ = process.communicate(timeout=seconds + 30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise RuntimeError("the load generator did not end") from None
    return None if enough else load.wrk(output)["requests"]


def rounded(memory_):
    return {k: round(v, 1) for k, v in memory_.items()}


# In the order in which they are measured and reported.
SCENARIOS = {"small": small, "10k": ten_kilobytes, "upload": upload, "h2": http2, "connections": connections, "memory": memory, "startup": startup, "routes": routes}
