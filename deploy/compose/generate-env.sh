#!/usr/bin/env bash
# Writes .env and secrets/identity-token.pem, with secrets of its own, for compose.yaml. Usage: ./generate-env.sh [ORIGIN]
# ORIGIN is where browsers reach the gateway, such as https://id.example.org; the default is http://127.0.0.1:8000.
set -euo pipefail

cd "$(dirname "$0")"
origin=${1:-http://127.0.0.1:8000}
origin=${origin%/}
if [[ ! $origin =~ ^https?://[A-Za-z0-9.-]+(:([0-9]+))?$ ]]; then
  echo "generate-env.sh: '$origin' is not an origin: give scheme, host and port only, such as https://id.example.org" >&2
  exit 2
fi
if [ -e .env ]; then
  echo "generate-env.sh: .env exists and stays as it is: with other secrets the existing database would be lost to Kratos." >&2
  echo "To start anew: docker compose down --volumes, remove .env, run this again." >&2
  exit 1
fi

if ! command -v openssl >/dev/null; then
  echo "generate-env.sh: openssl is missing, which makes the key of the identity token" >&2
  exit 1
fi

# Without TLS the cookies cannot carry Secure, and the port in the origin is the one to publish.
port=8000 secure=true insecure_ui=
if [[ $origin == http://* ]]; then
  port=${BASH_REMATCH[2]:-80} secure=false insecure_ui=true
fi

random() { head -c "$1" /dev/urandom | od -An -v -tx1 | tr -d ' \n'; }

umask 077
# The gateway in its container is another user and reads the file; the folder keeps everybody else out.
mkdir -p secrets
[ -e secrets/identity-token.pem ] || openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out secrets/identity-token.pem
chmod 0644 secrets/identity-token.pem
cat >.env <<ENV
# Written by generate-env.sh; what each line means is in .env.example. Keep this file out of every repository.
PUBLIC_ORIGIN=$origin
GATEWAY_PORT=$port
COOKIES_SECURE=$secure
UI_INSECURE_COOKIES=$insecure_ui
SMTP_URI=smtp://mail:1025/?disable_starttls=true
POSTGRES_PASSWORD=$(random 24)
KRATOS_DB_PASSWORD=$(random 24)
GATEWAY_DB_PASSWORD=$(random 24)
KRATOS_SECRETS_COOKIE=$(random 24)
KRATOS_SECRETS_CIPHER=$(random 16)
KRATOS_SECRETS_DEFAULT=$(random 24)
UI_COOKIE_SECRET=$(random 24)
UI_CSRF_SECRET=$(random 24)
ENV
echo "Wrote $(pwd)/.env for $origin"
