// The built images: what is in them and what is not.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { check, ensure, equal, read, root } from "./lib.mjs";

const run = (...args) => execFileSync("docker", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: 1 << 26, timeout: 60_000 });
const version = read("Directory.Build.props").match(/<Version>(.+)<\/Version>/)[1];
const images = { gateway: "Gateway", hello: "HelloService", world: "WorldService", devkratos: "DevKratos" };
const base = process.env.RUNTIME_IMAGE ?? "mcr.microsoft.com/dotnet/aspnet:10.0";
const size = name => Number(run("image", "inspect", "-f", "{{.Size}}", name));
// The assemblies of development and tests; in DevKratos' own image only itself is allowed.
const development = /^(DevKratos|Quickstart|.*\.?(UnitTests|IntegrationTests|BrowserTests|ContractTests|Benchmarks)|xunit.*|Microsoft\.(TestPlatform|VisualStudio|Playwright).*|FsCheck|BenchmarkDotNet.*)\.(dll|exe|pdb)$/i;

for (const [name, project] of Object.entries(images)) {
  const image = `gateway/${name}:${version}`;
  await check(`images: ${image}`, () => {
    const files = run("run", "--rm", "--entrypoint", "ls", image, "-1R", "/app").split("\n").map(line => line.trim());
    ensure(files.includes(`${project}.dll`), `${project}.dll is missing`);
    const foreign = files.filter(file => development.test(file) && !(name === "devkratos" && file.startsWith("DevKratos.")));
    equal(foreign, [], "development parts");
    ensure(!files.some(file => /^\.env$|\.key$|\.pem$/.test(file)), "a secret is inside");
    const { Config: config } = JSON.parse(run("image", "inspect", image))[0];
    ensure(/^[1-9]\d*$/.test(config.User), `runs as '${config.User}'`);
    ensure(config.Healthcheck.Test.includes("dotnet"), "no health check");
    const own = (size(image) - size(base)) / 1e6;
    ensure(own < 20, `adds ${own.toFixed(1)} MB to its base`);
    console.log(`     adds ${own.toFixed(1)} MB to ${base} (${(size(base) / 1e6).toFixed(0)} MB)`);
  });
  await check(`images: ${image} starts with a root file system that cannot be written and no capabilities`, () => {
    // The health check fails, because nothing runs; the runtime itself has to come up and say so with exit code 1.
    const verb = name === "gateway" ? ["health"] : ["--health", "http://127.0.0.1:1/health"];
    const id = run("run", "-d", "--read-only", "--cap-drop", "ALL", "--network", "none", "--entrypoint", "dotnet", image, `${project}.dll`, ...verb).trim();
    try {
      const code = Number(run("wait", id));
      ensure(code === 1, `exit code ${code}: ${run("logs", "--tail", "20", id)}`);
    } finally {
      run("rm", "-f", id);
    }
  });
}

for (const [where, config] of [["compose", "deploy/compose/gateway"], ["k8s", "deploy/k8s/base/config"]]) {
  await check(`images: the gateway accepts the configuration of ${where}`, () => {
    const said = run("run", "--rm", "--read-only", "--network", "none", "-v", `${join(root, config)}:/etc/gateway:ro`,
      "-e", "GATEWAY_CONFIG=/etc/gateway/gateway.yaml", "-e", "Management__Url=http://+:8001",
      "-e", "Replication__ConnectionString=Host=postgres;Database=gateway;Username=gateway;Password=x", `gateway/gateway:${version}`, "validate");
    ensure(said.includes("good"), said);
  });
}
