#!/bin/sh
# Make the accounts of Popschool, none of which is a superuser, and its database. The image of PostgreSQL runs it once.
# With POSTGRES_OWNER_PASSWORD one account owns the tables and another serves; without it, the latter owns them too.
# Afterwards nobody comes in as a superuser, but from within the container itself.
set -eu
owner=popschool
if [ -n "${POSTGRES_OWNER_PASSWORD:-}" ]; then owner=popschool_owner; fi
psql --set=ON_ERROR_STOP=1 --quiet --no-psqlrc --username "$POSTGRES_USER" --dbname postgres --set=owner=$owner <<'SQL'
\getenv serves POSTGRES_PASSWORD
\getenv owns POSTGRES_OWNER_PASSWORD
CREATE ROLE popschool LOGIN PASSWORD :'serves';
SELECT format('CREATE ROLE popschool_owner LOGIN PASSWORD %L', :'owns') WHERE :'owner' = 'popschool_owner' \gexec
CREATE DATABASE popschool OWNER :"owner" TEMPLATE template0 ENCODING 'UTF8';
SELECT format('ALTER ROLE %I PASSWORD NULL', current_user) \gexec
SQL
