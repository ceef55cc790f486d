"""The benchmark's command line; bench/run starts it. See bench/README.md."""

import argparse
import datetime
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import chart
import load
import report
from processes import Process, free_port, stop_all, wait_until
from scenarios import SCENARIOS
from variants import Absent, all_variants

ROOT = Path(__file__).resolve().parent.parent.parent
WORK = ROOT / "artifacts" / "bench"


class Bench:
    """What every scenario shares: the options, the published programs, the one upstream and the one session server."""

    def __init__(self, options):
        self.options = options
        self.scratch = WORK / "run"
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(parents=True)
        self.count = 0
        self.missing = {}

    def say(self, text):
        print(text, flush=True)

    def directory(self, name):
        self.count += 1
        path = self.scratch / f"{self.count:03}-{name}"
        path.mkdir()
        return path

    def publish(self):
        for name in ("Upstream", "SessionServer", "BareYarp", "Gateway"):
            target = WORK / "publish" / name
            if name == "Gateway" and self.options.gateway or self.options.no_build and target.exists():
                continue
            project = ROOT / ("src" if name == "Gateway" else "bench") / name
            self.say(f"publishing {project.relative_to(ROOT)}")
            shutil.rmtree(target, ignore_errors=True)
            done = subprocess.run(["dotnet", "publish", "-c", "Release", "-v", "quiet", "--nologo", "-o", target, project],
                                  cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  env=os.environ | {"DOTNET_CLI_TELEMETRY_OPTOUT": "1", "DOTNET_NOLOGO": "1"})
            if done.returncode:
                reason = "\n".join((done.stdout + done.stderr).strip().splitlines()[-5:])
                if name != "Gateway":
                    raise SystemExit(f"bench/run: cannot publish {name}:\n{reason}")
                self.missing[name] = f"does not build: {reason}"
                self.say(f"  {self.missing[name]}")

    def published(self, name):
        """The program of a published project."""
        if name in self.missing:
            raise Absent(self.missing[name])
        directory = Path(self.options.gateway).resolve() if name == "Gateway" and self.options.gateway else WORK / "publish" / name
        found = sorted(directory.glob("*.runtimeconfig.json"))
        if not found:
            raise Absent(f"{directory} holds no published program")
        return directory / found[0].name.removesuffix(".runtimeconfig.json")

    def start_servers(self):
        self.upstream_port, self.session_port = free_port(), free_port()
        self.upstream = self.server("Upstream", self.upstream_port, "/x/json")
        self.sessions = self.server("SessionServer", self.session_port, "/health/ready", "--delay-ms", str(self.options.session_delay))
        for port, path in ((self.upstream_port, "/x/json"), (self.session_port, "/sessions/whoami")):
            subprocess.run(["wrk", "-t1", "-c8", f"-d{max(1, self.options.warmup // 3)}s", "-s", load.WRK / "sessions.lua", f"http://127.0.0.1:{port}{path}", "--", "1000"], check=True, stdout=subprocess.DEVNULL)
        output = subprocess.run(["wrk", "-t1", "-c1", "-d1s", "-s", load.WRK / "sessions.lua", f"http://127.0.0.1:{self.session_port}/sessions/whoami", "--", "1000"], check=True, capture_output=True, text=True).stdout
        self.whoami_ms = load.wrk(output)["p50_ms"]
        self.say(f"session server answers in {self.whoami_ms:.2f} ms at one connection")

    def server(self, name, port, path, *arguments):
        process = Process(name.lower(), [self.published(name), "--urls", f"http://127.0.0.1:{port}", *arguments], self.directory(name.lower()))
        wait_until(lambda: load.get(port, path)[0] == 200, 20, "starting", process)
        return process

    def whoami(self):
        """How often any proxy has asked the session server so far."""
        status, body = load.get(self.session_port, "/counters")
        if status != 200:
            raise RuntimeError(f"the session server does not answer: {status} {body}")
        return json.loads(body)["whoami"]


def options():
    parser = argparse.ArgumentParser(prog="bench/run", formatter_class=argparse.RawDescriptionHelpFormatter,
                                     description="Measures the gateway beside bare YARP, nginx, HAProxy and Caddy.",
                                     epilog="variants: yarp (always), " + ", ".join(v.key for v in all_variants()))
    parser.add_argument("--scenario", default="all", help="all, or some of " + ", ".join(SCENARIOS) + " (comma-separated)")
    parser.add_argument("--only", default="", help="variants to compare (comma-separated; the base always takes part)")
    parser.add_argument("--seconds", type=int, default=4, help="length of a slice (default 4)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of slices (default 5)")
    parser.add_argument("--warmup", type=int, default=25, help="seconds of warm-up for every process (default 25)")
    parser.add_argument("--quick", action="store_true", help="a smoke test: slices of 1 s, 1 round, 2 s of warm-up; results go to artifacts/bench/quick and no document is touched")
    parser.add_argument("--out", type=Path, help="where latest.json, latest.md and chart.svg go (default bench/results, which also updates docs/performance.md)")
    parser.add_argument("--report", action="store_true", help="measure nothing: write the tables and the chart anew from latest.json")
    parser.add_argument("--gateway", metavar="DIR", help="a published gateway to measure, instead of publishing src/Gateway")
    parser.add_argument("--oathkeeper", metavar="PATH", help="an Ory Oathkeeper binary that joins the small scenario")
    parser.add_argument("--no-build", action="store_true", help="use what the last run published")
    parser.add_argument("--session-delay", type=float, default=1.0, metavar="MS", help="what the session server takes for an answer (default 1)")
    parser.add_argument("--sessions", type=int, default=100_000, help="sessions of the memory scenario")
    parser.add_argument("--routes", type=int, default=5_000, help="routes and rules of the routes scenario")
    parser.add_argument("--starts", type=int, default=9, help="starts of the startup scenario")
    parser.add_argument("--self-test", action="store_true", help="test the harness's own arithmetic and parsing")
    o = parser.parse_args()
    o.scenarios = list(SCENARIOS) if o.scenario == "all" else o.scenario.split(",")
    o.only = [k for k in o.only.split(",") if k and k != "yarp"]
    for given, known in ((o.scenarios, SCENARIOS), (o.only, [v.key for v in all_variants()])):
        unknown = [k for k in given if k not in known]
        if unknown:
            parser.error(f"unknown: {', '.join(unknown)} (known: {', '.join(known)})")
    if o.quick:
        o.seconds, o.rounds, o.warmup, o.starts = 1, 1, 2, 2
        o.sessions, o.routes = min(o.sessions, 5_000), o.routes
    if min(o.seconds, o.rounds, o.starts) < 1 or not 1 <= o.routes <= 9_999 or o.warmup < 1:
        parser.error("numbers must be 1 or more, --routes at most 9999")
    o.documents = o.out is None and not o.quick
    o.out = (o.out or (WORK / "quick" if o.quick else ROOT / "bench" / "results")).resolve()
    return o


def machine():
    cpu = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    name = re.search(r'PRETTY_NAME="(.+)"', Path("/etc/os-release").read_text()) if Path("/etc/os-release").exists() else None
    version = Path("/etc/debian_version")
    return {"cpu": cpu[1].strip() if cpu else platform.processor(), "cores": len(os.sched_getaffinity(0)), "memory_gb": round(int(memory[1]) / 1024 / 1024),
            "os": (name[1] if name else platform.system()) + (f" ({version.read_text().strip()})" if version.exists() else ""), "kernel": platform.release()}


def versions(bench):
    found = {}
    for name, command, pattern in (
            (".NET", ["dotnet", "--list-runtimes"], r"Microsoft\.AspNetCore\.App (10\S*)(?![\s\S]*Microsoft\.AspNetCore\.App 10)"), ("nginx", ["nginx", "-v"], r"nginx/(\S+)"), ("HAProxy", ["haproxy", "-v"], r"version (\S+)"),
            ("Caddy", ["caddy", "version"], r"v?(\d\S*)"), ("wrk", ["wrk", "-v"], r"wrk (?:debian/)?(\S+)"), ("h2load", ["h2load", "--version"], r"nghttp2/(\S+)"),
            ("Oathkeeper", [bench.options.oathkeeper or "/nonexistent", "version"], r"Version:\s+(\S+)")):
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=20, env=os.environ | {"PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin"})
            match = re.search(pattern, done.stdout + done.stderr)
            if match:
                found[name] = match[1]
        except OSError:
            pass
    try:
        deps = json.loads((bench.published("BareYarp").parent / "BenchBareYarp.deps.json").read_text())
        found["YARP"] = next(k.split("/")[1] for k in deps["libraries"] if k.startswith("Yarp.ReverseProxy/"))
    except (OSError, StopIteration, Absent):
        pass
    return found


def commit():
    def git(*arguments):
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
        return done.stdout.strip() if done.returncode == 0 else ""
    changed = git("status", "--porcelain", "--", "src", "bench", ":!bench/results")
    return (git("rev-parse", "--short=10", "HEAD") or "unknown") + ("+changes" if changed else "")


def readable(results):
    """JSON with one slice a line."""
    lines, copy = [], json.loads(json.dumps(results))
    for record in copy["scenarios"].values():
        for i, one in enumerate(record.get("slices", [])):
            record["slices"][i] = f"@@{len(lines)}@@"
            lines.append(json.dumps(one))
    return re.sub(r'"@@(\d+)@@"', lambda m: lines[int(m[1])], json.dumps(copy, indent=1, ensure_ascii=False)) + "\n"


def write(results, o):
    order = list(SCENARIOS)
    results["scenarios"] = dict(sorted(results["scenarios"].items(), key=lambda item: order.index(item[0].split("-")[0])))
    o.out.mkdir(parents=True, exist_ok=True)
    (o.out / "latest.json").write_text(readable(results))
    (o.out / "latest.md").write_text(report.markdown(results, "chart.svg"))
    drawing = chart.svg(results["scenarios"]["small"]) if "small" in results["scenarios"] else None
    if drawing:
        (o.out / "chart.svg").write_text(drawing)
    if o.documents:
        report.update_document(ROOT / "docs" / "performance.md", report.markdown(results, "../bench/results/chart.svg"))


def earlier(o, here):
    """The scenarios of the last run on the same machine: a run of one scenario replaces that one only."""
    file = o.out / "latest.json"
    if not file.exists():
        return {}
    old = json.loads(file.read_text())
    return old["scenarios"] if {k: old["machine"].get(k) for k in ("cpu", "cores")} == {k: here[k] for k in ("cpu", "cores")} else {}


def main():
    o = options()
    if o.self_test:
        import selftest
        return selftest.run()
    if o.report:
        results = json.loads((o.out / "latest.json").read_text())
        write(results, o)
        print((o.out / "latest.md").read_text())
        return 0

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    began = time.monotonic()
    bench = Bench(o)
    here = machine()
    failed = []
    try:
        bench.publish()
        bench.start_servers()
        now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
        results = {"date": now, "commit": commit(), "machine": here, "versions": versions(bench), "whoami_ms": bench.whoami_ms, "scenarios": earlier(o, here)}
        for name in o.scenarios:
            try:
                records = SCENARIOS[name](bench)
            except (Absent, RuntimeError) as error:
                bench.say(f"{name}: not measured, {error}")
                failed.append(name)
                continue
            for key, record in records.items():
                record |= {"date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), "commit": results["commit"], "quick": o.quick}
                results["scenarios"][key] = record
            write(results, o)  # after every scenario: a run that is cut short keeps what it has
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    finally:
        stop_all()
    if (o.out / "latest.md").exists():
        print((o.out / "latest.md").read_text())
    print(f"{time.monotonic() - began:.0f} s; results in {o.out}" + (f"; not measured: {', '.join(failed)}" if failed else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
