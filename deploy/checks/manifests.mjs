// The manifests, rendered and checked strictly against the Kubernetes API without a cluster: every object becomes a literal
// with the type that `kubernetes-models` has for its kind, and the TypeScript compiler finds unknown fields, wrong types and
// wrong enumeration values.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { check, fail, overlays, readYaml, root } from "./lib.mjs";

const generated = join(root, "deploy/checks/.generated");
const label = object => `${object.kind}/${object.metadata?.name}`;

/** The faults the compiler finds in the objects: [label, message]. */
function faults(name, objects) {
  mkdirSync(generated, { recursive: true });
  const file = join(generated, `${name.replaceAll(" ", "-")}.ts`);
  const lines = [];
  const owner = [];
  objects.forEach((object, index) => {
    const path = `${object.apiVersion}/${object.kind}`;
    const text = `import type { I${object.kind} as T${index} } from "kubernetes-models/${path}";\nexport const o${index}: T${index} = ${JSON.stringify(object, null, 1)};`;
    for (const line of text.split("\n")) {
      lines.push(line);
      owner.push(label(object));
    }
  });
  writeFileSync(file, lines.join("\n"));
  const program = ts.createProgram([file], {
    strict: true, noEmit: true, skipLibCheck: true, target: ts.ScriptTarget.ES2022, types: [],
    module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler,
  });
  return ts.getPreEmitDiagnostics(program).map(diagnostic => {
    const { line } = ts.getLineAndCharacterOfPosition(diagnostic.file, diagnostic.start);
    return [owner[line], ts.flattenDiagnosticMessageText(diagnostic.messageText, " ").slice(0, 300)];
  });
}

const production = overlays.production();

await check("manifests: the type check finds planted faults", () => {
  const plant = (what, kind, change) => {
    const object = structuredClone(production.find(one => one.kind === kind));
    change(object);
    if (faults("planted", [object]).length === 0) fail(`missed ${what}`);
  };
  plant("an unknown field", "Deployment", o => { o.spec.template.spec.containers[0].livenesProbe = {}; });
  plant("a wrong type", "Deployment", o => { o.spec.replicas = "2"; });
  plant("a wrong enumeration value", "NetworkPolicy", o => { o.spec.policyTypes = "Ingress"; });
  plant("a missing field", "Ingress", o => { delete o.spec.rules[0].http.paths[0].pathType; });
  plant("a kind that does not exist", "Service", o => { o.kind = "Servce"; });
});

for (const [name, objects] of [["dev", overlays.dev()], ["production", production], ["production with trial", overlays["production with trial"]()], ["jobs", [readYaml("deploy/k8s/jobs/kratos-list-identities.yaml")]]]) {
  await check(`manifests: ${name}, ${objects.length} objects, match the Kubernetes API`, () => {
    const found = faults(name, objects);
    if (found.length > 0) fail(found.map(([where, what]) => `${where}: ${what}`).join("; "));
  });
}
rmSync(generated, { recursive: true, force: true });
