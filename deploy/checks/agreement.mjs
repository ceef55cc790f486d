// What must agree between the Dockerfiles, the compose files and the manifests, and what every container has to have.
import { execFileSync } from "node:child_process";
import { check, composeConfig, ensure, equal, fail, generatedEnvironment, overlays, read, readYaml, root } from "./lib.mjs";
import { parse } from "yaml";

const projects = { gateway: "Gateway", hello: "HelloService", world: "WorldService", devkratos: "DevKratos" };
const version = read("Directory.Build.props").match(/<Version>(.+)<\/Version>/)[1];
const image = name => `gateway/${name}:${version}`;
const KRATOS = "v26.2.0";

// --- Dockerfiles -------------------------------------------------------------------------------------------------------
const exposed = {};
for (const [name, project] of Object.entries(projects)) {
  await check(`agreement: src/${project}/Dockerfile`, () => {
    const text = read("src", project, "Dockerfile");
    const lines = text.replaceAll("\\\n", " ").split("\n").map(line => line.trim());
    const last = word => lines.findLast(line => line.startsWith(`${word} `))?.slice(word.length + 1);
    exposed[name] = last("EXPOSE").split(" ").map(Number).sort();
    ensure(lines.filter(line => line.startsWith("FROM ")).length === 2, "not built in two stages");
    for (const argument of ["SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0", "RUNTIME_IMAGE=mcr.microsoft.com/dotnet/aspnet:10.0"])
      ensure(lines.includes(`ARG ${argument}`), `no ARG ${argument}`);
    ensure(/restore .*--locked-mode/.test(text), "the restore does not keep to the lock file");
    ensure(last("USER") === "$APP_UID", "does not run as the base image's own user");
    ensure(/^.*CMD \["dotnet"/.test(last("HEALTHCHECK")) && !/curl|wget/.test(text), "the health check is not the program itself");
    ensure(last("ENTRYPOINT") === `["dotnet", "${project}.dll"]`, "the entry point is not the program");
    ensure(!/^#\s*syntax=/m.test(text), "a syntax line needs the network");
  });
}

// --- compose -----------------------------------------------------------------------------------------------------------
const environment = generatedEnvironment();
const stacks = { "compose.yaml": composeConfig("compose.yaml", environment), "compose.dev.yaml": composeConfig("compose.dev.yaml") };
const own = ["gateway", "hello", "world"];

for (const [file, stack] of Object.entries(stacks)) {
  const services = Object.entries(stack.services);
  await check(`agreement: ${file} publishes the gateway's 8000 and nothing else`, () => {
    const published = services.flatMap(([name, service]) => (service.ports ?? []).map(port => `${name} ${port.host_ip} ${port.published}->${port.target}`));
    equal(published, ["gateway 127.0.0.1 8000->8000"], "published");
  });
  await check(`agreement: ${file} keeps edge, services and identity apart`, () => {
    const on = name => Object.keys(stack.services[name].networks).sort();
    equal(on("gateway"), ["edge", "identity", "services"], "gateway");
    for (const name of ["hello", "world"]) equal(on(name), ["services"], name);
    for (const [name] of services.filter(([name]) => !own.includes(name))) equal(on(name), ["identity"], name);
    for (const name of ["services", "identity"]) ensure(stack.networks[name].internal === true, `${name} is not internal`);
  });
  await check(`agreement: ${file} hardens and limits every container`, () => {
    for (const [name, service] of services) {
      ensure(service.mem_limit && service.cpus && service.pids_limit, `${name} has no limits`);
      ensure(service.security_opt?.includes("no-new-privileges:true"), `${name} may gain privileges`);
      ensure(!service.privileged, `${name} is privileged`);
      // PostgreSQL's entry point starts as root to own its volume.
      if (name === "postgres") continue;
      ensure(service.read_only, `${name} can write its root file system`);
      equal(service.cap_drop, ["ALL"], `${name} keeps capabilities`);
    }
  });
  await check(`agreement: ${file} names an exact version of every image, and starts in order`, () => {
    for (const [name, service] of services) {
      ensure(/:(v?\d[\w.-]*)$/.test(service.image) && !service.image.endsWith(":latest"), `${name}: ${service.image}`);
      if (own.includes(name)) equal(service.image, image(name), name);
      if (service.build) equal(service.build.dockerfile, `src/${projects[service.image.split(/[/:]/)[1]]}/Dockerfile`, name);
      for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
        const target = stack.services[other];
        if (condition === "service_healthy") ensure(target.healthcheck || target.build, `${name} waits for ${other}, which has no health check`);
        else equal(condition, "service_completed_successfully", `${name} on ${other}`);
      }
    }
    ensure(stack.services.gateway.depends_on.kratos, "the gateway does not wait for Kratos");
  });
}

await check("agreement: compose.yaml does not start without its own secrets", () => {
  for (const variable of Object.keys(environment).filter(name => !["GATEWAY_PORT", "UI_INSECURE_COOKIES"].includes(name))) {
    const without = { ...environment, [variable]: "" };
    let started = true;
    try { composeConfig("compose.yaml", without); } catch (error) { started = !String(error.stderr).includes("generate-env.sh"); }
    ensure(!started, `${variable} is not required`);
  }
  const documented = [...read("deploy/compose/.env.example").matchAll(/^(\w+)=(.*)$/gm)];
  equal(documented.map(match => match[1]).sort(), Object.keys(environment).sort(), ".env.example");
  const valued = documented.filter(match => match[2] !== "").map(match => match[1]);
  equal(valued, ["GATEWAY_PORT"], "values in .env.example");
});

await check("agreement: generate-env.sh makes secrets of the right size that differ, and fits the origin", () => {
  const other = generatedEnvironment("https://id.example.org");
  for (const name of Object.keys(environment).filter(name => /PASSWORD|SECRET/.test(name))) {
    ensure(/^[0-9a-f]{32,}$/.test(environment[name]), `${name} is not random`);
    ensure(environment[name] !== other[name], `${name} is the same twice`);
  }
  equal(environment.KRATOS_SECRETS_CIPHER.length, 32, "KRATOS_SECRETS_CIPHER");
  equal([environment.PUBLIC_ORIGIN, environment.COOKIES_SECURE, environment.UI_INSECURE_COOKIES, environment.GATEWAY_PORT], ["http://127.0.0.1:8000", "false", "true", "8000"], "http");
  equal([other.PUBLIC_ORIGIN, other.COOKIES_SECURE, other.UI_INSECURE_COOKIES, other.GATEWAY_PORT], ["https://id.example.org", "true", "", "8000"], "https");
  ensure(execFileSync("git", ["-C", root, "check-ignore", "deploy/compose/.env"], { encoding: "utf8" }).trim() !== "", ".env is not ignored");
});

// --- the files that exist twice, because neither tool reads outside its own folder ----------------------------------------
await check("agreement: compose and the manifests run the same Kratos, identity schema, databases and routes", () => {
  for (const [one, two] of [
    ["compose/kratos/kratos.yaml", "k8s/components/kratos/config/kratos.yaml"],
    ["compose/kratos/identity.schema.json", "k8s/components/kratos/config/identity.schema.json"],
    ["compose/postgres/10-databases.sh", "k8s/components/trial/10-databases.sh"],
  ]) ensure(read("deploy", one) === read("deploy", two), `${one} and ${two} differ`);
  const [compose, cluster] = [readYaml("deploy/compose/gateway/gateway.yaml"), readYaml("deploy/k8s/base/config/gateway.yaml")];
  equal(compose.Kratos.PublicUrl, "http://kratos:4433", "compose");
  equal(cluster.Kratos.PublicUrl, "http://kratos:443", "k8s");
  equal(compose.Network.TrustedProxies, [], "compose");
  for (const file of [compose, cluster]) { delete file.Kratos.PublicUrl; delete file.Network; }
  equal(cluster, compose, "gateway.yaml");
});

// --- the identity token: gateway and WorldService mean the same issuer, audience and keys -------------------------------------
const tokens = readYaml("deploy/compose/gateway/gateway.yaml");
const [keyFile] = tokens.IdentityToken.SigningKeys.map(key => key.File);

function believes(where, world, keysFrom) {
  const audience = tokens.AccessRules[tokens.ReverseProxy.Routes.world.AuthorizationPolicy].Mutators[0].IdentityToken.Audience;
  equal([world.GatewayIdentity__Issuer, world.GatewayIdentity__Audience], [tokens.IdentityToken.Issuer, audience], `${where}: issuer and audience`);
  equal(world.GatewayIdentity__JwksUrl, `http://${keysFrom}/.well-known/jwks.json`, `${where}: keys`);
}

/** A key is mounted where the configuration says, or makes itself in the container's own /tmp. */
function hasKey(where, variables, mounted) {
  if (variables.ASPNETCORE_ENVIRONMENT === "Development") equal(variables.IdentityToken__SigningKeys__0__File, "/tmp/identity-token.pem", where);
  else ensure(mounted.includes(keyFile), `${where}: nothing is mounted at ${keyFile}`);
}

for (const [file, stack] of Object.entries(stacks)) {
  await check(`agreement: ${file}: WorldService believes what the gateway signs`, () => {
    believes(file, stack.services.world.environment, "gateway:8000");
    hasKey(file, stack.services.gateway.environment, (stack.services.gateway.secrets ?? []).map(secret => secret.target));
  });
}
await check("agreement: the key of the identity token is made, for the gateway alone, and git ignores it", () => {
  for (const path of ["deploy/compose/secrets/identity-token.pem", "deploy/k8s/overlays/production/secrets/identity-token.pem"])
    equal(execFileSync("git", ["-C", root, "check-ignore", path], { encoding: "utf8" }).trim(), path, "ignored");
  equal(stacks["compose.yaml"].secrets["identity-token"].file.replace(`${root}/`, ""), "deploy/compose/secrets/identity-token.pem", "compose");
  for (const script of ["compose/generate-env.sh", "k8s/generate-secrets.sh"]) ensure(/openssl genpkey .*P-256/.test(read("deploy", script)), script);
});

// --- manifests ---------------------------------------------------------------------------------------------------------
const podOf = object => ({ Deployment: object.spec?.template, StatefulSet: object.spec?.template, Job: object.spec?.template })[object.kind];
const matches = (selector, labels) =>
  Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
  (selector?.matchExpressions ?? []).every(({ key, operator, values }) =>
    operator === "In" ? values.includes(labels[key]) : fail(`operator ${operator} is not evaluated here`));

for (const [name, load] of Object.entries(overlays)) {
  const objects = load();
  const of = kind => objects.filter(object => object.kind === kind);
  const named = (kind, wanted) => of(kind).find(object => object.metadata.name === wanted);
  const workloads = objects.filter(podOf).map(object => {
    const { metadata, spec } = podOf(object);
    const labels = { ...metadata?.labels, ...(object.kind === "Job" ? { "batch.kubernetes.io/job-name": object.metadata.name } : {}) };
    return { name: object.metadata.name, object, labels, spec, containers: [...(spec.initContainers ?? []), ...spec.containers], main: spec.containers[0] };
  });

  await check(`agreement: ${name}: every pod is hardened and limited`, () => {
    for (const { name, spec, containers } of workloads) {
      ensure(spec.securityContext?.runAsNonRoot === true && spec.securityContext.runAsUser > 0, `${name} may run as root`);
      equal(spec.securityContext.seccompProfile, { type: "RuntimeDefault" }, `${name} seccompProfile`);
      ensure(spec.automountServiceAccountToken === false, `${name} gets a service account token`);
      for (const container of containers) {
        for (const what of ["requests", "limits"])
          ensure(container.resources?.[what]?.cpu && container.resources[what].memory, `${name}/${container.name} has no ${what}`);
        equal(container.securityContext, { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] }, readOnlyRootFilesystem: true }, `${name}/${container.name}`);
        for (const mount of container.volumeMounts ?? []) {
          ensure(!mount.subPath, `${name}: ${mount.mountPath} is a subPath, which never sees a change`);
          ensure(spec.volumes.some(volume => volume.name === mount.name) || podVolumes(name).includes(mount.name), `${name}: no volume ${mount.name}`);
        }
      }
    }
    function podVolumes(workload) {
      return (workloads.find(one => one.name === workload).object.spec.volumeClaimTemplates ?? []).map(claim => claim.metadata.name);
    }
    const labels = named("Namespace", "gateway").metadata.labels;
    for (const mode of ["enforce", "warn"]) equal(labels[`pod-security.kubernetes.io/${mode}`], "restricted", mode);
  });

  await check(`agreement: ${name}: ports, probes, services, budgets and references meet`, () => {
    for (const { name, object, labels, spec, main } of workloads) {
      const ports = (main.ports ?? []).map(port => port.name);
      for (const kind of ["startupProbe", "readinessProbe", "livenessProbe"])
        if (main[kind]?.httpGet) ensure(ports.includes(main[kind].httpGet.port), `${name} ${kind}: no port ${main[kind].httpGet.port}`);
      if (object.kind !== "Job") {
        ensure(matches(object.spec.selector, labels), `${name}: selector and labels differ`);
        if (ports.length > 0) ensure(main.readinessProbe, `${name} has no readiness probe`);
      }
      const product = Object.keys(projects).find(one => main.image.replace(/^registry\.example\.org\//, "") === image(one));
      if (product) equal(main.ports.map(port => port.containerPort).sort(), exposed[product], `${name}: ports and EXPOSE`);
      else ensure(Object.values(stacks["compose.yaml"].services).some(service => service.image === main.image), `${name}: ${main.image} is not the image of compose.yaml`);
      for (const container of [...(spec.initContainers ?? []), main])
        for (const from of container.envFrom ?? [])
          ensure(named(from.secretRef ? "Secret" : "ConfigMap", (from.secretRef ?? from.configMapRef).name), `${name}: ${JSON.stringify(from)} does not exist`);
      for (const variable of main.env ?? []) {
        const reference = variable.valueFrom?.secretKeyRef ?? variable.valueFrom?.configMapKeyRef;
        if (!reference) continue;
        const source = named(variable.valueFrom.secretKeyRef ? "Secret" : "ConfigMap", reference.name);
        ensure(source?.data?.[reference.key], `${name}: ${variable.name} has no source`);
      }
      for (const volume of spec.volumes ?? [])
        for (const source of [volume, ...(volume.projected?.sources ?? [])])
          if (source.configMap) ensure(named("ConfigMap", source.configMap.name), `${name}: no ConfigMap ${source.configMap.name}`);
          else if (source.secret) ensure(named("Secret", source.secret.secretName), `${name}: no Secret ${source.secret.secretName}`);
    }
    for (const service of of("Service")) {
      const targets = workloads.filter(({ labels }) => matches({ matchLabels: service.spec.selector }, labels));
      equal(targets.length, 1, `workloads behind Service ${service.metadata.name}`);
      for (const port of service.spec.ports)
        ensure(targets[0].main.ports.some(one => one.name === port.targetPort), `Service ${service.metadata.name}: no port ${port.targetPort}`);
    }
    for (const budget of of("PodDisruptionBudget")) {
      const target = workloads.find(({ labels }) => matches(budget.spec.selector, labels)) ?? fail(`${budget.metadata.name}: budget of nobody`);
      const scaler = of("HorizontalPodAutoscaler").find(one => one.spec.scaleTargetRef.name === target.name);
      const replicas = scaler?.spec.minReplicas ?? target.object.spec.replicas;
      ensure(budget.spec.minAvailable < replicas, `${budget.metadata.name}: ${budget.spec.minAvailable} of ${replicas}, no node could ever be drained`);
      ensure(!scaler || target.object.spec.replicas === undefined, `${target.name}: replicas beside an autoscaler`);
    }
    for (const scaler of of("HorizontalPodAutoscaler")) ensure(named(scaler.spec.scaleTargetRef.kind, scaler.spec.scaleTargetRef.name), "autoscaler of nobody");
    for (const policy of of("NetworkPolicy")) {
      const selector = policy.spec.podSelector;
      const later = /job|acme/.test(JSON.stringify(selector)) || Object.keys(selector).length === 0;
      ensure(later || workloads.some(({ labels }) => matches(selector, labels)), `policy ${policy.metadata.name} is for no pod`);
    }
    const gateway = workloads.find(one => one.name === "gateway");
    const variables = one => Object.fromEntries((one.main.env ?? []).map(variable => [variable.name, variable.value]));
    believes(name, variables(workloads.find(one => one.name === "world")), "gateway");
    hasKey(name, variables(gateway), gateway.main.volumeMounts.map(mount => `${mount.mountPath}/key.pem`));
    equal(gateway.main.volumeMounts.find(mount => mount.name === "config").mountPath, "/etc/gateway", "config");
    ensure(gateway.main.lifecycle.preStop.sleep.seconds < gateway.spec.terminationGracePeriodSeconds, "no time is left after preStop");
    const routes = parse(named("ConfigMap", "gateway-config").data["gateway.yaml"]);
    const addresses = [routes.Kratos.PublicUrl, routes.SelfService.Url, ...Object.values(routes.ReverseProxy.Clusters).flatMap(cluster => Object.values(cluster.Destinations).map(one => one.Address))];
    for (const address of addresses) {
      const [, host, port] = address.match(/^http:\/\/([\w-]+):(\d+)$/) ?? fail(address);
      ensure(named("Service", host)?.spec.ports.some(one => one.port === Number(port)), `${address}: no such Service`);
    }
  });

  // The policies, evaluated: who can open a connection to which port inside the namespace.
  const foreign = { name: "a named admin job", labels: { "batch.kubernetes.io/job-name": "kratos-list-identities" } };
  const stranger = { name: "an unnamed pod", labels: {} };
  const allows = (from, to, port) => {
    const policies = (pod, type) => of("NetworkPolicy").filter(policy => policy.spec.policyTypes.includes(type) && matches(policy.spec.podSelector, pod.labels));
    const opens = (rule, peerKey, peer) =>
      (!rule.ports || rule.ports.some(one => one.port === port && (one.protocol ?? "TCP") === "TCP")) &&
      (!rule[peerKey] || rule[peerKey].some(one => !one.namespaceSelector && one.podSelector && matches(one.podSelector, peer.labels)));
    return policies(from, "Egress").some(policy => (policy.spec.egress ?? []).some(rule => opens(rule, "to", to))) &&
      policies(to, "Ingress").some(policy => (policy.spec.ingress ?? []).some(rule => opens(rule, "from", from)));
  };
  await check(`agreement: ${name}: the network policies open exactly the paths that are meant`, () => {
    const open = [];
    for (const from of [...workloads, foreign, stranger])
      for (const to of workloads)
        for (const { containerPort } of to.main.ports ?? [])
          if (from.name !== to.name && allows(from, to, containerPort)) open.push(`${from.name} -> ${to.name}:${containerPort}`);
    const job = foreign.name;
    const wanted = {
      dev: ["gateway -> hello:8090", "gateway -> world:8090", "world -> gateway:8000", "gateway -> devkratos:4433", "gateway -> devkratos:4455"],
      production: ["gateway -> hello:8090", "gateway -> world:8090", "world -> gateway:8000", "gateway -> kratos:4433", "gateway -> ui:3000", "ui -> kratos:4433", `${job} -> kratos:4434`],
    }[name.split(" ")[0]];
    if (name.endsWith("trial"))
      wanted.push(...["gateway", "kratos", "kratos-courier", "kratos-migrate-26-2-0"].map(from => `${from} -> postgres:5432`), "kratos-courier -> mail:1025");
    equal(open.sort(), wanted.sort(), "open");
    const everywhere = named("NetworkPolicy", "default-deny").spec;
    equal([everywhere.podSelector, everywhere.policyTypes], [{}, ["Ingress", "Egress"]], "default-deny");
    const scrape = of("NetworkPolicy").filter(policy => (policy.spec.ingress ?? []).some(rule => rule.ports?.some(one => one.port === 8001)));
    equal(scrape.map(policy => policy.spec.ingress), [[{ from: [{ namespaceSelector: { matchLabels: { "gateway-metrics": "scrape" } } }], ports: [{ port: 8001, protocol: "TCP" }] }]], "metrics");
  });

  if (name === "dev") continue;
  await check(`agreement: ${name}: one host everywhere, the same Kratos and addresses as in compose`, () => {
    const host = named("ConfigMap", "public-host").data.PUBLIC_HOST;
    const urls = named("ConfigMap", "kratos-urls").data;
    const compose = stacks["compose.yaml"].services.kratos.environment;
    for (const [key, value] of Object.entries(urls)) {
      ensure(value.startsWith(`https://${host}`), `${key}: ${value}`);
      equal(value.replace(`https://${host}`, ""), compose[key]?.replace(environment.PUBLIC_ORIGIN, ""), key);
    }
    equal(Object.keys(compose).filter(key => /_URL/.test(key)).sort(), Object.keys(urls).sort(), "addresses");
    const ingress = named("Ingress", "gateway").spec;
    equal([ingress.rules[0].host, ...ingress.tls[0].hosts], [host, host], "Ingress");
    ensure(named("Service", ingress.rules[0].http.paths[0].backend.service.name), "the Ingress leads nowhere");
    const kratos = workloads.flatMap(one => one.containers).filter(container => container.image.startsWith("oryd/"));
    for (const container of kratos) ensure(container.image.endsWith(`:${KRATOS}`), container.image);
    equal(of("Job").map(job => job.metadata.name), [`kratos-migrate-${KRATOS.slice(1).replaceAll(".", "-")}`], "the migration's name carries the version");
    for (const workload of workloads.filter(one => /^kratos(-courier)?$/.test(one.name)))
      ensure(workload.spec.initContainers[0].args.join(" ").startsWith("migrate sql status -e --block"), `${workload.name} does not wait for the migration`);
    ensure(!JSON.stringify(objects).includes("devkratos"), "DevKratos is in production");
    const gateway = workloads.find(one => one.name === "gateway");
    const tokenFile = gateway.main.env.find(one => one.name === "Management__TokenFile").value;
    const mounted = gateway.main.volumeMounts.find(mount => tokenFile.startsWith(`${mount.mountPath}/`));
    const token = gateway.spec.volumes.find(volume => volume.name === mounted.name).secret.secretName;
    ensure(named("Secret", token)?.data?.[tokenFile.slice(mounted.mountPath.length + 1)], "the management port's token has no source");
    ensure(gateway.main.env.some(one => one.name === "Replication__ConnectionString" && one.valueFrom.secretKeyRef), "replicas do not share revocations");
    equal(named("Service", "kratos").spec.ports.map(one => [one.port, one.targetPort]), [[443, "public"]], "Service kratos");
  });
}
