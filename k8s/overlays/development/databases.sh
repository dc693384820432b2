#!/bin/sh
# Runs once, when PostgreSQL's data directory is made: the role that the services use and the database of the keys.
# Of the logs the role owns nothing: `daybook migrate` grants it what it needs. The keys are the services' own.
# The image sources what a volume made not executable, so nothing here may outlive the parentheses.
(
  set -eu
  export SERVICE_PASSWORD_FILE="${SERVICE_PASSWORD_FILE:-/run/secrets/service_password}"
  psql --no-psqlrc --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\set password `cat "$SERVICE_PASSWORD_FILE"`
CREATE ROLE daybook_service LOGIN PASSWORD :'password';
CREATE DATABASE daybook_keys OWNER daybook_service;
SQL
)
