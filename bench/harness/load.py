"""The load: wrk for HTTP/1.1, h2load for HTTP/2, and single requests for the checks before the measurement."""

import http.client
import json
import os
import re
import resource
import subprocess
from dataclasses import dataclass
from pathlib import Path

WRK = Path(__file__).resolve().parent.parent / "wrk"
COOKIE_PADDING = "MTc5NTI4NzIwMXxmQXhGXzJJLWU4VldBdndNS0l3" * 9
SESSIONS = 100


@dataclass(frozen=True)
class Shape:
    """One kind of request. streams is HTTP/2's: requests in flight per connection."""
    path: str
    connections: int
    method: str = "GET"
    body: int = 0
    http2: bool = False
    streams: int = 1
    routes: int = 0

    def describe(self):
        protocol = f"HTTP/2, {self.connections} connections of {self.streams} streams" if self.http2 else f"HTTP/1.1, {self.connections} connection" + "s"[:self.connections != 1]
        return f"{self.method} …/{self.path}, {protocol}"


class Load:
    """One run of a load generator. start() returns at once, result() waits for its end."""

    def __init__(self, port, prefix, shape, seconds, scratch):
        self.shape, self.seconds = shape, seconds
        self.log = Path(scratch) / "h2load.log"
        url = f"http://127.0.0.1:{port}{prefix}/{shape.path}"
        if shape.http2:
            self.log.unlink(missing_ok=True)
            command = ["h2load", "-t1", f"-c{shape.connections}", f"-m{shape.streams}", f"-D{seconds:g}", f"--log-file={self.log}"]
            if shape.body:
                body = Path(scratch) / "body.bin"
                body.write_bytes(b"0123456789abcdef" * (shape.body // 16))
                command += ["-d", str(body)]
            for name, value in browser_headers(1).items():
                command += ["-H", f"{name}: {value}"]
            command.append(url)
        else:
            command = ["wrk", "-t1", f"-c{shape.connections}", f"-d{max(1, round(seconds))}s", "--timeout", "10s", "-s", str(WRK / "browser.lua"), url,
                       "--", shape.method, str(shape.body), str(SESSIONS), str(shape.routes)]
        self.before = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.popen = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def result(self):
        try:
            output, _ = self.popen.communicate(timeout=self.seconds + 30)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.communicate()
            raise RuntimeError("the load generator did not end") from None
        except BaseException:  # stopped by a signal: the load must not outlive the bench
            self.popen.kill()
            raise
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        result = self.h2load(output) if self.shape.http2 else wrk(output)
        result["load_cpu"] = after.ru_utime + after.ru_stime - self.before.ru_utime - self.before.ru_stime
        return result

    def h2load(self, output):
        finished = re.search(r"finished in ([\d.]+)(ms|s), ", output)
        counts = re.search(r"requests: \d+ total, \d+ started, \d+ done, (\d+) succeeded, (\d+) failed", output)
        if not finished or not counts:
            raise RuntimeError(f"h2load said: {output[-500:]}")
        times, bad = [], 0
        with open(self.log) as lines:
            for line in lines:  # start in µs, status, duration in µs
                _, status, duration = line.split("\t")[:3]
                times.append(int(duration))
                bad += not status.startswith("2")
        self.log.unlink()
        times.sort()
        seconds = self.seconds
        return {
            "requests": len(times), "seconds": seconds, "rps": len(times) / seconds, "errors": bad + int(counts[2]),
            "p50_ms": percentile(times, 0.50) / 1000, "p99_ms": percentile(times, 0.99) / 1000,
        }


def wrk(output):
    match = re.search(r"^BENCH (\{.*\})$", output, re.M)
    if not match:
        raise RuntimeError(f"wrk said: {output[-500:]}")
    b = json.loads(match[1])
    seconds = b["duration_us"] / 1e6
    return {
        "requests": b["requests"], "seconds": seconds, "rps": b["requests"] / seconds,
        "errors": b["connect"] + b["read"] + b["write"] + b["status"] + b["timeout"],
        "p50_ms": b["p50_us"] / 1000, "p99_ms": b["p99_us"] / 1000,
    }


def percentile(ordered, share):
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0


def browser_headers(identity):
    """The same as in wrk/browser.lua: with Host they are 12."""
    return {
        "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "Accept": "application/json, text/plain, */*",
        "Accept-Language": "en-GB,en;q=0.8,de;q=0.5",
        "Accept-Encoding": "gzip, deflate, br, zstd",
        "Referer": "https://app.example.org/dashboard?tab=orders",
        "Sec-Fetch-Dest": "empty",
        "Sec-Fetch-Mode": "cors",
        "Sec-Fetch-Site": "same-origin",
        "Priority": "u=4",
        "DNT": "1",
        "Cookie": f"theme=dark; csrf_token_0a1b2c=S0FuQmVoaWw4c1h6; ory_kratos_session=u{identity}-{COOKIE_PADDING}"[:381] + "=",
    }


def get(port, path, headers=None, timeout=5):
    """(status, body) of one HTTP/1.1 GET; (0, reason) when there is no answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path, headers=headers or {})
        response = connection.getresponse()
        return response.status, response.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return 0, str(error)
    finally:
        connection.close()


def get_http2(port, path, headers=None):
    """The same over HTTP/2 without TLS."""
    command = ["nghttp", "-v", "--timeout=5", f"http://127.0.0.1:{port}{path}"]
    for name, value in (headers or {}).items():
        command += ["-H", f"{name}: {value}"]
    output = subprocess.run(command, capture_output=True, text=True, timeout=20, env=os.environ | {"LC_ALL": "C"}).stdout
    status = re.search(r":status: (\d+)", output)
    body = re.search(r"^(\{.*\})", output, re.M)
    return int(status[1]) if status else 0, body[1] if body else output[-300:]
