#!/usr/bin/env bash
# Installs an OpenSSH server for the tests of SSHOperator (Debian, Ubuntu; as root), unless it is here. The package's own service is not started:
# each test starts a server of its own on a free port of loopback.
set -euo pipefail
if [ -x /usr/sbin/sshd ]; then
    exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "airflow: install an OpenSSH server first (Debian: openssh-server)" >&2
    exit 1
fi
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends openssh-server >/dev/null
