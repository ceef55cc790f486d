#!/bin/sh
# Runs once, when the database's volume is empty: a role and a database each for Kratos and the gateway. Neither can
# connect to the other's.
set -eu

psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  --set kratos_password="$KRATOS_DB_PASSWORD" --set gateway_password="$GATEWAY_DB_PASSWORD" <<'SQL'
CREATE ROLE kratos LOGIN PASSWORD :'kratos_password';
CREATE DATABASE kratos OWNER kratos;
REVOKE CONNECT ON DATABASE kratos FROM PUBLIC;
CREATE ROLE gateway LOGIN PASSWORD :'gateway_password';
CREATE DATABASE gateway OWNER gateway;
REVOKE CONNECT ON DATABASE gateway FROM PUBLIC;
SQL
