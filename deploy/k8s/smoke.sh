#!/usr/bin/env bash
# Puts an overlay on the cluster that KUBECONFIG names and checks it from outside and from inside.
#   ./smoke.sh [dev|production]        dev is the default; the images must be where the cluster can find them
# Without a cluster it says so and exits 0. PASS and FAIL lines, the exit code is 1 when one failed.
set -euo pipefail

cd "$(dirname "$0")"
overlay=${1:-dev}
port=${SMOKE_PORT:-18000}
failed=0
pass() { echo "PASS k8s smoke: $1"; }
fail() { echo "FAIL k8s smoke: $1"; failed=1; }

if ! kubectl config current-context >/dev/null 2>&1; then
  echo "SKIP k8s smoke: no cluster (KUBECONFIG names none)"
  exit 0
fi
context=$(kubectl config current-context)
echo "cluster: $context, overlay: $overlay"

# kind keeps its own images: hand it the ones that were built here.
if [[ $context == kind-* ]] && [ "$overlay" = dev ] && command -v kind >/dev/null; then
  kind load docker-image --name "${context#kind-}" gateway/{gateway,hello,world,devkratos}:0.1.0
fi

rendered=$(mktemp)
: >"$rendered.body"
forward=
# shellcheck disable=SC2317 # called by the trap
cleanup() {
  [ -z "$forward" ] || kill "$forward" 2>/dev/null || true
  rm -f "$rendered" "$rendered".*
}
trap cleanup EXIT
kubectl kustomize "overlays/$overlay" >"$rendered"

# The namespace first: a dry run of what goes into it needs it.
kubectl apply --server-side -f base/namespace.yaml
if warnings=$(kubectl apply --server-side --dry-run=server --force-conflicts -f "$rendered" 2>&1 >/dev/null) && ! grep -qi warning <<<"$warnings"; then
  pass "the server accepts every manifest without a warning"
else
  fail "server-side dry run: $warnings"
fi
kubectl apply --server-side --force-conflicts -f "$rendered"
for deployment in $(kubectl -n gateway get deployment -l app.kubernetes.io/part-of=gateway -o name); do
  if kubectl -n gateway rollout status "$deployment" --timeout=180s; then pass "$deployment is ready"; else fail "$deployment is not ready"; fi
done

kubectl -n gateway port-forward service/gateway "$port:80" >"$rendered.forward" 2>&1 &
forward=$!
for _ in $(seq 100); do
  grep -q 'Forwarding from' "$rendered.forward" && break
  kill -0 "$forward" 2>/dev/null || break
  sleep 0.2
done

# status METHOD PATH: the status code that the gateway answers with.
status() { curl -s -o "$rendered.body" -w '%{http_code}' --max-time 10 -X "$1" -H 'Accept: application/json' "http://127.0.0.1:$port$2" || true; }
expect() {
  local got
  got=$(status "$2" "$3")
  if [ "$got" = "$1" ]; then pass "$2 $3 answers $1"; else fail "$2 $3 answers $got instead of $1"; fi
}
expect 200 GET /kratos/self-service/registration/api
if grep -q '/kratos/self-service/registration?flow=' "$rendered.body"; then
  pass "the registration form points at the public origin"
else
  fail "the registration form does not point below /kratos: $(head -c 300 "$rendered.body")"
fi
expect 401 GET /hello
expect 401 GET /world
expect 404 GET /kratos/admin/identities
expect 404 GET /nowhere

# From inside: what the network policies keep apart. Needs a network plugin that enforces them. The images have bash, whose
# /dev/tcp does without curl.
pod=$(kubectl -n gateway get pod -l app.kubernetes.io/name=hello -o jsonpath='{.items[0].metadata.name}')
gateway_ip=$(kubectl -n gateway get pod -l app.kubernetes.io/name=gateway -o jsonpath='{.items[0].status.podIP}')
reach() { kubectl -n gateway exec "$pod" -- timeout 3 bash -c "exec 3<>/dev/tcp/$1/$2" >/dev/null 2>&1; }
if kubectl -n gateway exec "$pod" -- timeout 3 bash -c 'exec 3<>/dev/tcp/127.0.0.1/8090' >/dev/null 2>&1; then
  for target in "kratos-admin 4434" "kratos 443" "$gateway_ip 8001" "world 8090"; do
    read -r host number <<<"$target"
    if reach "$host" "$number"; then fail "the hello pod reaches $host:$number"; else pass "the hello pod does not reach $host:$number"; fi
  done
else
  echo "SKIP k8s smoke: the hello pod has no bash to probe with"
fi
exit "$failed"
