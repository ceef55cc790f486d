# shellcheck shell=bash
# A docker engine, compose and kubectl on a bare Debian machine, used by .ci/run and .ci/deploy; an engine that already answers
# is used as it is. Source it, then call its functions.

# Packages of the release after this machine's, unpacked and not installed: this release's are too old. NAME DIRECTORY
newer_package() {
  local name=$1 directory=$2 sources options
  sources=$(grep -ls '^URIs:.*debian' /etc/apt/sources.list.d/*.sources | head -n 1)
  [ -n "$sources" ] || return 1
  mkdir -p "$directory/lists/partial"
  printf 'Types: deb\nURIs: %s\nSuites: trixie\nComponents: main\nSigned-By: %s\n' \
    "$(awk '/^URIs:/{print $2; exit}' "$sources")" "$(awk '/^Signed-By:/{print $2; exit}' "$sources")" >"$directory/newer.sources"
  options=(-qq -o "Dir::Etc::sourcelist=$directory/newer.sources" -o Dir::Etc::sourceparts=/dev/null -o "Dir::State::Lists=$directory/lists" -o APT::Sandbox::User=root)
  [ -n "$(ls "$directory/lists"/*Packages* 2>/dev/null)" ] || apt-get "${options[@]}" update
  (cd "$directory" && apt-get "${options[@]}" download "$name" && dpkg -x "$name"_*.deb "$directory/$name")
}

# The command line client with its compose plugin. DIRECTORY
ensure_compose() {
  local directory=$1
  if docker compose version >/dev/null 2>&1; then return; fi
  newer_package docker-compose "$directory" || return 1
  export DOCKER_CONFIG=$directory/docker
  mkdir -p "$DOCKER_CONFIG/cli-plugins"
  ln -sf "$directory/docker-compose/usr/libexec/docker/cli-plugins/docker-compose" "$DOCKER_CONFIG/cli-plugins/docker-compose"
  docker compose version >/dev/null
}

# kubectl that knows components and replacements. DIRECTORY
ensure_kubectl() {
  local directory=$1
  if kubectl kustomize --help 2>/dev/null | grep -q -- --load-restrictor; then return; fi
  newer_package kubernetes-client "$directory" || return 1
  PATH=$directory/kubernetes-client/usr/bin:$PATH
  kubectl version --client >/dev/null
}

# Debian's packages that are missing for an engine of our own, one a line.
engine_packages() {
  if docker info >/dev/null 2>&1; then return; fi
  command -v dockerd >/dev/null || echo docker.io
  command -v iptables >/dev/null || echo iptables
  command -v ip >/dev/null || echo iproute2
  # For .ci/deploy: `dotnet publish /t:PublishContainer` takes its base image from a registry.
  command -v docker-registry >/dev/null || echo docker-registry
}

# The machine's engine; or one of our own with base images from this machine's .NET and PostgreSQL, and OWN_ENGINE=yes.
# What is exported holds for every later step: the container tests and .ci/deploy use the same one. DIRECTORY
ensure_engine() {
  if docker info >/dev/null 2>&1; then return; fi
  start_engine "$1" || { tail -n 20 "$1/log" 2>/dev/null; return 1; }
  export OWN_ENGINE=yes
  if [ -d /usr/lib/postgresql ]; then export POSTGRES_IMAGE=gateway-tests/postgres:debian; fi
  "$(dirname "${BASH_SOURCE[0]}")/base-images.sh"
}

# An engine of our own, everything of it below DIRECTORY; sets DOCKER_HOST and engine_pid.
start_engine() {
  local directory=$1 _
  command -v dockerd >/dev/null || return 1
  mkdir -p "$directory"
  # The engine changes the packet filter and leaves it so: keep what was.
  iptables-save >"$directory/filter" 2>/dev/null || true
  had_bridge=$(ip link show docker0 2>/dev/null || true)
  export DOCKER_HOST=unix://$directory/socket
  setsid dockerd --data-root "$directory/data" --exec-root "$directory/exec" --pidfile "$directory/pid" \
    --host "$DOCKER_HOST" >"$directory/log" 2>&1 &
  engine_pid=$!
  for _ in $(seq 150); do
    if docker info >/dev/null 2>&1; then return; fi
    kill -0 "$engine_pid" 2>/dev/null || break
    sleep 0.2
  done
  return 1
}

# Ends the engine of start_engine, by its process id, and puts the packet filter back. DIRECTORY
stop_engine() {
  local directory=$1 _
  [ -n "${engine_pid:-}" ] || return 0
  kill "$engine_pid" 2>/dev/null || true
  for _ in $(seq 100); do
    kill -0 "$engine_pid" 2>/dev/null || break
    sleep 0.2
  done
  if kill -0 "$engine_pid" 2>/dev/null; then kill -KILL "$engine_pid"; fi
  wait "$engine_pid" 2>/dev/null || true
  iptables-restore <"$directory/filter" 2>/dev/null || true
  if [ -z "${had_bridge:-}" ]; then ip link delete docker0 2>/dev/null || true; fi
}
