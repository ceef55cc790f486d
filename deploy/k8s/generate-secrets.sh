#!/usr/bin/env bash
# Writes the files that the Secrets are made of, which git ignores. What must be random is; the addresses are yours:
#   ./generate-secrets.sh KRATOS_DSN GATEWAY_CONNECTION_STRING SMTP_URI   (their forms are in secrets/*.env.example)
#   ./generate-secrets.sh --trial      for the throw-away PostgreSQL and mail catcher of components/trial
set -euo pipefail

cd "$(dirname "$0")"
target=overlays/production/secrets
trial=components/trial/trial.env
random() { head -c "$1" /dev/urandom | od -An -v -tx1 | tr -d ' \n'; }

if [ "${1:-}" = --trial ] && [ $# -eq 1 ]; then
  kratos_password=$(random 24)
  gateway_password=$(random 24)
  dsn="postgres://kratos:$kratos_password@postgres:5432/kratos?sslmode=disable&max_conns=20&max_idle_conns=4"
  replication="Host=postgres;Database=gateway;Username=gateway;Password=$gateway_password"
  smtp='smtp://mail:1025/?disable_starttls=true'
elif [ $# -eq 3 ]; then
  dsn=$1 replication=$2 smtp=$3
else
  sed -n '2,4s/^# //p' generate-secrets.sh >&2
  exit 2
fi

if ! command -v openssl >/dev/null; then
  echo "generate-secrets.sh: openssl is missing, which makes the key of the identity token" >&2
  exit 1
fi
for file in "$target"/{kratos,gateway,ui,management}.env "$target/identity-token.pem" "$trial"; do
  if [ -e "$file" ]; then
    echo "generate-secrets.sh: $file exists and stays as it is: Kratos could not read its data with other secrets." >&2
    exit 1
  fi
done

umask 077
printf '%s\n' "DSN=$dsn" "SECRETS_COOKIE=$(random 24)" "SECRETS_CIPHER=$(random 16)" "SECRETS_DEFAULT=$(random 24)" \
  "COURIER_SMTP_CONNECTION_URI=$smtp" >"$target/kratos.env"
printf '%s\n' "Replication__ConnectionString=$replication" >"$target/gateway.env"
printf '%s\n' "token=$(random 32)" >"$target/management.env"
printf '%s\n' "COOKIE_SECRET=$(random 24)" "CSRF_COOKIE_SECRET=$(random 24)" >"$target/ui.env"
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$target/identity-token.pem"
if [ "$1" = --trial ]; then
  printf '%s\n' "POSTGRES_PASSWORD=$(random 24)" "KRATOS_DB_PASSWORD=$kratos_password" \
    "GATEWAY_DB_PASSWORD=$gateway_password" >"$trial"
fi
echo "Wrote $target/*.env and $target/identity-token.pem"
