// What the checks share: paths, the report, rendering.
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse, parseAllDocuments } from "yaml";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
export const read = (...path) => readFileSync(join(root, ...path), "utf8");
export const readYaml = (...path) => parse(read(...path), { merge: true });

/** Runs a check and prints its PASS or FAIL line; a check fails by throwing. */
export async function check(name, body) {
  const begin = performance.now();
  try {
    await body();
    const seconds = (performance.now() - begin) / 1000;
    console.log(`PASS ${name}${seconds < 1 ? "" : ` (${seconds.toFixed(1)} s)`}`);
  } catch (error) {
    console.log(`FAIL ${name}: ${error.message}`);
    process.exitCode = 1;
  }
}

export function fail(message) {
  throw new Error(message);
}

export function ensure(condition, message) {
  if (!condition) fail(message);
}

export function equal(actual, expected, what) {
  const [a, e] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== e) fail(`${what}: ${a} instead of ${e}`);
}

/** Every object of an overlay, as `kubectl kustomize` renders it. `trial` adds the throw-away database to production. */
export function render(overlay, { trial = false } = {}) {
  const copy = mkdtempSync(join(tmpdir(), "k8s-"));
  try {
    cpSync(join(root, "deploy", "k8s"), copy, { recursive: true, filter: path => !/\/secrets\/[\w-]+\.(env|pem)$|trial\.env$/.test(path) });
    if (overlay === "production") {
      execFileSync(join(copy, "generate-secrets.sh"), ["--trial"]);
      const file = join(copy, "overlays/production/kustomization.yaml");
      if (trial) writeFileSync(file, readFileSync(file, "utf8").replace("# - ../../components/trial", "- ../../components/trial"));
    }
    const text = execFileSync("kubectl", ["kustomize", join(copy, "overlays", overlay)], { encoding: "utf8", maxBuffer: 1 << 26 });
    return parseAllDocuments(text).map(document => document.toJS());
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

export const overlays = {
  dev: () => render("dev"),
  production: () => render("production"),
  "production with trial": () => render("production", { trial: true }),
};

/** `docker compose config` of one of the files; a stack that needs .env gets one of its own. */
export function composeConfig(file, env = {}) {
  const text = execFileSync("docker", ["compose", "-f", join(root, "deploy/compose", file), "--env-file", "/dev/null", "config", "--format", "json"], {
    encoding: "utf8",
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return JSON.parse(text);
}

/** The variables of .env, as generate-env.sh makes them, without leaving a file. */
export function generatedEnvironment(origin) {
  const copy = mkdtempSync(join(tmpdir(), "compose-"));
  try {
    cpSync(join(root, "deploy/compose/generate-env.sh"), join(copy, "generate-env.sh"));
    execFileSync(join(copy, "generate-env.sh"), origin ? [origin] : []);
    const lines = readFileSync(join(copy, ".env"), "utf8").split("\n").filter(line => /^\w+=/.test(line));
    return Object.fromEntries(lines.map(line => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
