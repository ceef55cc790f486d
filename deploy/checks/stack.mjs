// compose.dev.yaml, running: that compose starts it, publishes one port and keeps the networks apart. What the system does is
// tests/Gateway.ContainerTests. Expects the images to be built; needs docker (DOCKER_HOST) and nothing on the network.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { check, ensure, equal, root } from "./lib.mjs";

const port = Number(process.env.GATEWAY_PORT ?? 8000);
const origin = `http://127.0.0.1:${port}`;
const run = (program, ...args) => execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: 1 << 26 });
const compose = (...args) => run("docker", "compose", "-f", join(root, "deploy/compose/compose.dev.yaml"), ...args);
const containers = () => JSON.parse(run("docker", "inspect", ...compose("ps", "-q").trim().split("\n")));
// Without those that are known to be of other programs, which come and go; who is not root cannot see whose they are.
const listening = () => run("ss", "-Hltnp").split("\n").filter(line => line !== "" && (!line.includes("users:((") || /"(docker-proxy|dockerd)"/.test(line)))
  .map(line => line.split(/\s+/)[3]);

async function everything() {
  const before = listening();
  await check("stack: the stack starts and every container is healthy", () => {
    compose("up", "-d", "--wait", "--wait-timeout", "120");
    equal(containers().map(container => container.State.Health.Status), ["healthy", "healthy", "healthy", "healthy"], "health");
  });

  await check("stack: the engine listens on the gateway's port on loopback and on no other", () => {
    equal(listening().filter(address => !before.includes(address)), [`127.0.0.1:${port}`], "new listeners");
    const bound = containers().flatMap(container => Object.entries(container.NetworkSettings.Ports))
      .flatMap(([inside, outside]) => (outside ?? []).map(one => `${one.HostIp}:${one.HostPort}->${inside}`));
    equal(bound, [`127.0.0.1:${port}->8000/tcp`], "published");
  });

  await check("stack: containers run as compose hardens them", () => {
    for (const { Name, Config, HostConfig } of containers()) {
      equal([Config.User, HostConfig.ReadonlyRootfs, HostConfig.CapDrop, HostConfig.SecurityOpt], ["1654", true, ["ALL"], ["no-new-privileges:true"]], Name);
    }
  });

  await check("stack: the gateway refuses a stranger and reaches Kratos", async () => {
    const status = async path => (await fetch(new URL(path, origin), { redirect: "manual", signal: AbortSignal.timeout(15000) })).status;
    equal(await status("/hello"), 401, "/hello");
    const flow = await (await fetch(`${origin}/kratos/self-service/login/api`, { signal: AbortSignal.timeout(15000) })).json();
    ensure(flow.ui.action.startsWith(`${origin}/kratos/self-service/login?flow=`), flow.ui.action);
  });

  await check("stack: from the hello container neither Kratos nor the gateway's management port answers", () => {
    const probe = 'for place; do timeout 3 bash -c "exec 3<>/dev/tcp/$place" 2>/dev/null && echo "$place" & done; wait';
    const reached = places => compose("exec", "-T", "hello", "bash", "-c", probe, "bash", ...places).split("\n").filter(Boolean).sort();
    // First that the probe can succeed at all.
    equal(reached(["gateway/8000", "world/8090"]), ["gateway/8000", "world/8090"], "the probe itself");
    const kratos = containers().find(container => container.Config.Image.startsWith("gateway/devkratos:"));
    const addresses = Object.values(kratos.NetworkSettings.Networks).map(network => network.IPAddress);
    const ports = host => [3000, 4433, 4434, 4455].map(number => `${host}/${number}`);
    equal(reached(["gateway/8001", ...["kratos", "kratos-admin", "ui", ...addresses].flatMap(ports)]), [], "reached");
  });
}

try {
  compose("down", "--volumes", "-t", "2", "--remove-orphans");
  await everything();
  if (process.exitCode) process.stderr.write(compose("logs", "--no-color", "--tail", "60"));
} finally {
  compose("down", "--volumes", "-t", "2", "--remove-orphans");
}
