#!/bin/sh
# PostgreSQL's image runs this in a new database: the service gets a role of its own, which is no superuser.
set -eu
psql -v ON_ERROR_STOP=1 -v password="$(cat /run/secrets/tthc_password)" -U "$POSTGRES_USER" -d "$POSTGRES_DB" \
  -f /run/first-start/role.sql
