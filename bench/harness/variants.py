"""Everything that can stand in front of the upstream. A new proxy is one more entry in all_variants()."""

import getpass
import grp
import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

import load
from processes import Process, free_port

PROXIES = Path(__file__).resolve().parent.parent / "proxies"
FOUR = ("X-User-Id", "X-User-Email", "X-Session-Id", "X-Session-Aal")


@dataclass(frozen=True)
class Variant:
    key: str
    title: str
    start: Callable          # (bench, shape) -> Endpoint
    prefix: str = "/user"
    identity: tuple = ()     # headers the upstream must receive, with the caller's identity in the first
    session_required: bool = False
    http2: bool = True
    note: str = ""
    patience: float = 20     # seconds it may take to its first answer


@dataclass
class Endpoint:
    """A started variant: where it listens and, unless it is the upstream itself, its process."""
    port: int
    process: Process | None
    management: int | None = None
    facts: dict = field(default_factory=dict)


class Absent(Exception):
    """The variant cannot take part here; the message says why."""


def fill(name, target, values):
    """Copies a configuration file, each @NAME@ replaced."""
    text = re.sub(r"@([A-Z][A-Z0-9_]*)@", lambda m: str(values[m[1]]), (PROXIES / name).read_text())
    target.write_text(text)
    return target


def places(bench, **more):
    return {"UPSTREAM": bench.upstream_port, "SESSIONS": bench.session_port} | more


def direct(bench, shape):
    return Endpoint(bench.upstream_port, None)


def yarp(name, *arguments):
    def start(bench, shape):
        port, directory = free_port(), bench.directory(name)
        binary = bench.published("BareYarp")
        shutil.copy(binary.parent / "appsettings.json", directory)
        command = [binary, "--urls", f"http://127.0.0.1:{port}",
                   "--ReverseProxy:Clusters:upstream:Destinations:one:Address", f"http://127.0.0.1:{bench.upstream_port}/", *arguments]
        protocols = {"Kestrel__EndpointDefaults__Protocols": "Http2"} if shape.http2 else {}
        return Endpoint(port, Process(name, command, directory, protocols))
    return start


def gateway(name, configuration=None):
    """configuration: writes another file than proxies/gateway.yaml and returns its path."""
    def start(bench, shape, environment=None):
        binary = bench.published("Gateway")
        port, management, directory = free_port(), free_port(), bench.directory(name)
        values = places(bench, PORT=port, PORT2=management)
        file = configuration(directory, values) if configuration else fill("gateway.yaml", directory / "gateway.yaml", values)
        env = dict(environment or {})
        if shape.http2:
            env["Kestrel__EndpointDefaults__Protocols"] = "Http2"
        # Started where its own appsettings.json lies, as its container image does.
        command = [binary, "--contentRoot", binary.parent, "--config", file, "--urls", f"http://127.0.0.1:{port}"]
        process = Process(name, command, directory, env)
        return Endpoint(port, process, management)
    return start


def nginx(name, file):
    def start(bench, shape):
        port, directory = free_port(), bench.directory(name)
        values = places(bench, PORT=port, H2=" http2" if shape.http2 else "",
                        USER=f"{getpass.getuser()} {grp.getgrgid(os.getgid()).gr_name}")
        conf = fill(file, directory / "nginx.conf", values)
        return Endpoint(port, Process(name, [tool("nginx"), "-p", f"{directory}/", "-c", conf, "-e", "stderr", "-g", "daemon off;"], directory))
    return start


def caddy(name, file):
    def start(bench, shape):
        port, directory = free_port(), bench.directory(name)
        values = places(bench, PORT=port, CADDY_H2="servers {\n\t\tprotocols h1 h2 h2c\n\t}" if shape.http2 else "")
        conf = fill(file, directory / "Caddyfile", values)
        home = {"HOME": str(directory), "XDG_DATA_HOME": str(directory), "XDG_CONFIG_HOME": str(directory)}
        return Endpoint(port, Process(name, [tool("caddy"), "run", "--adapter", "caddyfile", "--config", conf], directory, home))
    return start


def haproxy(bench, shape):
    port, directory = free_port(), bench.directory("haproxy")
    conf = fill("haproxy-plain.cfg", directory / "haproxy.cfg", places(bench, PORT=port, HAPROXY_H2=" proto h2" if shape.http2 else ""))
    return Endpoint(port, Process("haproxy", [tool("haproxy"), "-db", "-f", conf], directory))


def oathkeeper(bench, shape):
    if not bench.options.oathkeeper:
        raise Absent("no binary given with --oathkeeper PATH")
    port, directory = free_port(), bench.directory("oathkeeper")
    values = places(bench, PORT=port, PORT2=free_port(), PORT3=free_port(), DIR=directory)
    fill("oathkeeper-rules.json", directory / "oathkeeper-rules.json", values)
    conf = fill("oathkeeper.yaml", directory / "oathkeeper.yaml", values)
    command = [Path(bench.options.oathkeeper).resolve(), "serve", "--config", conf, "--disable-telemetry", "--sqa-opt-out"]
    return Endpoint(port, Process("oathkeeper", command, directory, {"SQA_OPT_OUT": "true"}))


def tool(name):
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not path:
        raise Absent(f"{name} is not installed")
    return path


BASE = Variant("yarp", "bare YARP (base)", yarp("yarp"), note="YARP with one catch-all route, its defaults, no logging provider")


def all_variants():
    return [
        Variant("direct", "direct (no proxy)", direct, http2=False),
        Variant("yarp-again", "bare YARP again (noise)", yarp("yarp-again"), note="the base once more under another name: what it differs by is noise"),
        Variant("gateway-anonymous", "Gateway, anonymous", gateway("gateway-anonymous"), prefix="/anon"),
        Variant("gateway-signed-in", "Gateway, signed in", gateway("gateway-signed-in"), identity=FOUR, session_required=True,
                note="session from the cache, four identity headers"),
        Variant("gateway-conditions", "Gateway, signed in, three conditions", gateway("gateway-conditions"), prefix="/cond", identity=FOUR, session_required=True,
                note="and VerifiedEmail, AssuranceLevel, Trait EndsWith"),
        Variant("nginx", "nginx", nginx("nginx", "nginx-plain.conf"), note="plain proxy"),
        Variant("nginx-auth-cache", "nginx auth_request, cached", nginx("nginx-auth-cache", "nginx-auth-cache.conf"), identity=FOUR[:1], session_required=True,
                note="proxy_cache of the session server's answers, one identity header"),
        Variant("nginx-auth", "nginx auth_request", nginx("nginx-auth", "nginx-auth.conf"), identity=FOUR[:1], session_required=True,
                note="asks for every request, one identity header"),
        Variant("haproxy", "HAProxy", haproxy, note="plain proxy"),
        Variant("caddy", "Caddy", caddy("caddy", "caddy-plain.caddyfile"), note="plain proxy"),
        Variant("caddy-forward-auth", "Caddy forward_auth", caddy("caddy-forward-auth", "caddy-forward-auth.caddyfile"), identity=FOUR[:1], session_required=True,
                note="asks for every request, one identity header"),
        Variant("oathkeeper", "Ory Oathkeeper", oathkeeper, identity=FOUR, session_required=True, http2=False, note="asks for every request, four identity headers"),
        Variant("yarp-logging", "bare YARP, template logging", yarp("yarp-logging", "--console-log", "true"),
                note="the same with the web template's console logging: two lines a request"),
    ]


def check(endpoint, variant, shape):
    """Does this proxy do what it is measured for? None, or what is wrong."""
    ask = load.get_http2 if shape.http2 else load.get
    path = f"{variant.prefix}/echo"
    status, body = ask(endpoint.port, path, load.browser_headers(7))
    if status != 200:
        return f"answered {status} to a signed-in request: {body[:200]}"
    if variant.identity:
        received = {k.lower(): v for k, v in load.json.loads(body).items()}
        missing = [name for name in variant.identity if not received.get(name.lower())]
        if missing:
            return f"the upstream did not receive {', '.join(missing)}"
        if not received[variant.identity[0].lower()].endswith("000000000007"):
            return f"the upstream received identity {received[variant.identity[0].lower()]}"
    if variant.session_required:
        status, body = ask(endpoint.port, path)
        if status not in (401, 302, 303):
            return f"answered {status} to a request without a session"
    return None
