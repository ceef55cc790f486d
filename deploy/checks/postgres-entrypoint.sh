#!/usr/bin/env bash
# The entry point of the PostgreSQL image that base-images.sh makes: what the tests need of the official image's.
# The arguments are the server's. The first start makes the databases and runs the scripts of /docker-entrypoint-initdb.d.
set -euo pipefail

data=/var/lib/postgresql/data
if [ ! -e "$data/PG_VERSION" ]; then
  initdb -D "$data" -U "${POSTGRES_USER:=postgres}" --pwfile=<(echo "${POSTGRES_PASSWORD:?}") --no-locale -E UTF8 --auth-local=trust \
    --auth-host=scram-sha-256 --no-sync >/dev/null
  echo "host all all all scram-sha-256" >>"$data/pg_hba.conf"
  export POSTGRES_USER
  # On its socket only: nobody takes it for ready yet.
  pg_ctl -D "$data" -w -o "-c listen_addresses= -c fsync=off" start >/dev/null
  for script in /docker-entrypoint-initdb.d/*.sh; do
    if [ -e "$script" ]; then sh "$script"; fi
  done
  pg_ctl -D "$data" -w -m fast stop >/dev/null
fi
exec postgres -D "$data" -c "listen_addresses=*" "$@"
