// The dev stack, running: what a person, an API client and an intruder in the hello container see. Expects the images to be
// built; starts the stack, checks it and takes it down. Needs docker (DOCKER_HOST) and nothing on the network.
import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { check, ensure, equal, fail, root } from "./lib.mjs";

const port = Number(process.env.GATEWAY_PORT ?? 8000);
const origin = `http://127.0.0.1:${port}`;
const file = join(root, "deploy/compose/compose.dev.yaml");
const run = (...args) => execFileSync("docker", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: 1 << 26 });
const compose = (...args) => run("compose", "-f", file, ...args);
const inspect = id => JSON.parse(run("inspect", id))[0];
const container = service => inspect(compose("ps", "-q", "-a", service).trim());

/** Asks until `accept` is content or the deadline has passed; the last answer is in the error. */
async function until(what, ask, accept, seconds = 30) {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    let seen;
    try { seen = await ask(); } catch (error) { seen = error.cause?.code ?? error.message; }
    if (accept(seen)) return seen;
    if (Date.now() > deadline) fail(`${what}: still ${JSON.stringify(seen)?.slice(0, 300)} after ${seconds} s`);
    await delay(200);
  }
}

/** One request, no redirects followed. Not fetch, which says Sec-Fetch-Mode: cors by itself and so is never a navigation. */
async function ask(path, { method = "GET", headers = {}, body } = {}) {
  const response = await new Promise((resolve, reject) => {
    const call = request(new URL(path, origin), { method, headers: { accept: "application/json", ...headers }, timeout: 15000, agent: false }, resolve);
    call.on("error", reject).on("timeout", () => call.destroy(new Error(`${path}: no answer in 15 s`)));
    call.end(body);
  });
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) text += chunk;
  let json;
  try { json = JSON.parse(text); } catch { /* a page */ }
  return { status: response.statusCode, location: response.headers.location ?? "", cookies: response.headers["set-cookie"] ?? [], text, json };
}
const status = async (path, options) => (await ask(path, options)).status;
const post = (url, body, headers) => ask(url, { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json", ...headers } });

/** The ports of 127.0.0.1 that accept a connection; of all of them, or of some. */
async function openPorts(numbers = Array.from({ length: 65535 }, (_, index) => index + 1)) {
  const open = new Set();
  const probe = number => new Promise(resolve => {
    const socket = connect({ host: "127.0.0.1", port: number, timeout: 2000 });
    const done = found => { if (found) open.add(number); socket.destroy(); resolve(); };
    // A probe that happened to be given the port it asks for has only met itself.
    socket.on("connect", () => done(socket.localPort !== number)).on("error", () => done(false)).on("timeout", () => done(false));
  });
  const rest = numbers.values();
  await Promise.all(Array.from({ length: 200 }, async () => { for (const number of rest) await probe(number); }));
  return open;
}

/** A browser's cookies, as far as these flows need them. */
function cookieJar() {
  const cookies = new Map();
  return {
    cookies,
    header: () => [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
    keep: response => {
      for (const line of response.cookies) {
        const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
        if (/max-age=0/i.test(line)) cookies.delete(name); else cookies.set(name, value);
      }
      return response;
    },
  };
}

const person = { email: `person-${process.pid}@example.org`, password: "correct horse battery staple 71" };
let token = {};
let browser = {};

async function everything() {
  const before = await openPorts();
  await check("stack: the stack starts and every container is healthy", () => {
    compose("up", "-d", "--wait", "--wait-timeout", "120");
    for (const service of ["gateway", "hello", "world", "kratos"]) equal(container(service).State.Health.Status, "healthy", service);
  });

  await check("stack: a scan of 127.0.0.1 finds 8000 and no other new port", async () => {
    const after = await openPorts();
    // Other programs open ports for a moment, or for good; what cannot be seen to be theirs counts as the stack's.
    const foreign = () => execFileSync("ss", ["-Hltnp"], { encoding: "utf8" }).split("\n")
      .filter(line => line.includes("users:((") && !/"(docker-proxy|dockerd)"/.test(line))
      .map(line => Number(line.split(/\s+/)[3].split(":").at(-1)));
    const fresh = [...after].filter(number => !before.has(number));
    const known = foreign();
    const lasting = [...await openPorts(fresh.filter(number => !known.includes(number)))];
    equal(lasting, [port], "new open ports");
    const bound = compose("ps", "-q").trim().split("\n").flatMap(id => Object.entries(inspect(id).NetworkSettings.Ports).flatMap(([inside, outside]) => (outside ?? []).map(one => `${one.HostIp}:${one.HostPort}->${inside}`)));
    equal(bound, [`127.0.0.1:${port}->8000/tcp`], "published");
  });

  await check("stack: containers run as 1654 with a root file system that they cannot write", () => {
    for (const service of ["gateway", "hello", "world", "kratos"]) {
      equal(compose("exec", "-T", service, "id", "-u").trim(), "1654", service);
      let written = true;
      try { compose("exec", "-T", service, "touch", "/app/x"); } catch { written = false; }
      ensure(!written, `${service} can write /app`);
    }
  });

  await check("stack: a stranger gets 401, 404 or the way to the login", async () => {
    const refused = await ask("/hello");
    equal([refused.status, refused.json?.error?.id], [401, "session_required"], "/hello");
    const navigation = await ask("/hello", { headers: { accept: "text/html", "sec-fetch-mode": "navigate" } });
    equal(navigation.status, 302, "/hello in a browser");
    ensure(navigation.location.includes("/kratos/self-service/login/browser?return_to="), navigation.location);
    for (const path of ["/nowhere", "/kratos/admin/identities", "/kratos/%61dmin/identities", "/auth/logout", "/metrics", "/health/ready"]) {
      const answer = await status(path);
      ensure(answer === 404 || answer === 400, `${path} answers ${answer}`);
    }
    const home = await ask("/", { headers: { accept: "text/html" } });
    ensure(home.status >= 300 && home.status < 400 && home.location.endsWith("/auth/welcome"), `/ answers ${home.status} ${home.location}`);
  });

  await check("stack: registration and the API login lead to /hello and /world", async () => {
    const flow = await ask("/kratos/self-service/registration/api");
    equal(flow.status, 200, "registration/api");
    ensure(flow.json.ui.action.startsWith(`${origin}/kratos/self-service/registration?flow=`), flow.json.ui.action);
    const registered = await post(flow.json.ui.action, { method: "password", password: person.password, traits: { email: person.email } });
    equal(registered.status, 200, `registration: ${registered.text.slice(0, 400)}`);
    const login = await ask("/kratos/self-service/login/api");
    const done = await post(login.json.ui.action, { method: "password", identifier: person.email, password: person.password });
    equal(done.status, 200, `login: ${done.text.slice(0, 400)}`);
    token = { "x-session-token": done.json.session_token };
    const hello = await ask("/hello", { headers: token });
    equal([hello.status, hello.text], [200, '{"message":"Hello microservice"}'], "/hello");
    const world = await ask("/world", { headers: token });
    equal([world.status, world.text], [200, '{"message":"World microservice"}'], "/world");
    const me = await ask("/hello/me", { headers: { ...token, "x-user-id": "somebody-else" } });
    equal([me.json.id, me.json.email], [done.json.session.identity.id, person.email], "/hello/me");
  });

  await check("stack: the browser's login leads back to /hello", async () => {
    const jar = cookieJar();
    const page = (path, options) => ask(path, { ...options, headers: { accept: "text/html", "sec-fetch-mode": "navigate", cookie: jar.header(), ...options?.headers } }).then(jar.keep);
    const toLogin = await page("/hello");
    const toPage = await page(toLogin.location);
    ensure(toPage.location.startsWith(`${origin}/auth/login?flow=`), toPage.location);
    const form = await page(toPage.location);
    equal(form.status, 200, "the login page");
    const flow = await ask(`/kratos/self-service/login/flows?id=${new URL(toPage.location).searchParams.get("flow")}`, { headers: { cookie: jar.header() } });
    equal(flow.status, 200, "the login flow");
    const csrf = flow.json.ui.nodes.find(node => node.attributes.name === "csrf_token").attributes.value;
    ensure(form.text.includes(csrf.replaceAll("+", "&#x2B;")) || form.text.includes(csrf), "the page holds the flow's csrf token");
    const submitted = await page(flow.json.ui.action, {
      method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ method: "password", identifier: person.email, password: person.password, csrf_token: csrf }).toString(),
    });
    equal([submitted.status, submitted.location], [303, `${origin}/hello`], "the form");
    ensure(jar.cookies.has("ory_kratos_session"), "no session cookie");
    browser = { cookie: `ory_kratos_session=${jar.cookies.get("ory_kratos_session")}` };
    equal(await status("/hello", { headers: browser }), 200, "/hello");
  });

  await check("stack: a stopped service answers 502 or 503 while the other goes on, and comes back", async () => {
    compose("stop", "-t", "5", "hello");
    await until("/hello without its service", () => status("/hello", { headers: token }), seen => [502, 503, 504].includes(seen));
    equal(await status("/world", { headers: token }), 200, "/world");
    compose("start", "hello");
    await until("/hello with its service", () => status("/hello", { headers: token }), seen => seen === 200);
  });

  await check("stack: after a restart of the gateway both sessions still count", async () => {
    compose("restart", "gateway");
    await until("/hello after the restart", () => status("/hello", { headers: token }), seen => seen === 200);
    equal(await status("/hello", { headers: browser }), 200, "the browser's session");
  });

  await check("stack: from the hello container neither Kratos nor the gateway's management port answers", async () => {
    const reaches = async (host, number) => {
      try {
        await promisify(execFile)("docker", ["compose", "-f", file, "exec", "-T", "hello", "timeout", "3", "bash", "-c", `exec 3<>/dev/tcp/${host}/${number}`]);
        return true;
      } catch { return false; }
    };
    // First that the probe can succeed at all.
    for (const [host, number] of [["gateway", 8000], ["world", 8090], ["127.0.0.1", 8090]]) ensure(await reaches(host, number), `the probe itself does not reach ${host}:${number}`);
    const targets = ["gateway", "kratos", "kratos-admin", "ui"].map(name => [name, name === "gateway" ? [8001] : [3000, 4433, 4434, 4455]]);
    for (const service of ["gateway", "kratos"])
      for (const network of Object.values(container(service).NetworkSettings.Networks))
        targets.push([network.IPAddress, service === "gateway" ? [8001] : [3000, 4433, 4434]]);
    const found = [];
    await Promise.all(targets.map(async ([host, numbers]) => { for (const number of numbers) if (await reaches(host, number)) found.push(`${host}:${number}`); }));
    equal(found, [], "reached");
  });

  await check("stack: a changed ConfigMap, links and all, takes effect in the running gateway", async () => {
    // The layout that the kubelet makes, and its way of changing it: one link is swapped.
    const folder = mkdtempSync(join(tmpdir(), "configmap-"));
    const version = (name, text) => {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, "gateway.yaml"), text);
      symlinkSync(name, join(folder, "..next"));
      renameSync(join(folder, "..next"), join(folder, "..data"));
    };
    try {
      execFileSync("chmod", ["755", folder]);
      const text = readFileSync(join(root, "deploy/compose/gateway/gateway.yaml"), "utf8");
      version("..1", text);
      symlinkSync("..data/gateway.yaml", join(folder, "gateway.yaml"));
      writeFileSync(join(folder, "override.yaml"), `services: {gateway: {volumes: ["${folder}:/etc/gateway:ro"]}}\n`);
      run("compose", "-f", file, "-f", join(folder, "override.yaml"), "up", "-d", "--wait", "--wait-timeout", "60", "gateway");
      equal(await status("/hello", { headers: token }), 200, "/hello");
      equal(await status("/greeting", { headers: token }), 404, "/greeting before");
      version("..2", text.replace("  Routes:\n", '  Routes:\n    greeting: { ClusterId: hello, AuthorizationPolicy: signed-in, Match: { Path: "/greeting" }, Transforms: [{ PathSet: "/hello" }] }\n'));
      await until("/greeting after", () => status("/greeting", { headers: token }), seen => seen === 200);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

try {
  compose("down", "--volumes", "-t", "2", "--remove-orphans");
  await everything();
  if (process.exitCode) process.stderr.write(compose("logs", "--no-color", "--tail", "60"));
} finally {
  compose("down", "--volumes", "-t", "2", "--remove-orphans");
}
