#!/usr/bin/env bash
# Installs PostgreSQL and its JDBC driver for `make databases` (Debian, Ubuntu; as root), unless they are here.
set -euo pipefail
driver=/usr/share/java/postgresql.jar
if [ -e "$driver" ] && compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; then
    exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "databases: install PostgreSQL and $driver first (Debian: postgresql, libpostgresql-jdbc-java)" >&2
    exit 1
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql libpostgresql-jdbc-java >/dev/null
