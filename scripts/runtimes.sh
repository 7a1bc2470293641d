#!/usr/bin/env bash
# Installs every runtime whose Python this machine has (in the user's cache, where they stay), tests the environments, and runs in each the suites of
# what is loaded inside a job's process. The last lines state which runtimes were tested, and which Pythons are missing.
set -euo pipefail
cd "$(dirname "$0")/.."
status=0
# RUNTIMES... names some of them.
export GLUEPRINT_TESTED_RUNTIMES="$*"
# The tests have their own XDG_CACHE_HOME.
GLUEPRINT_TEST_RUNTIMES=${XDG_CACHE_HOME:-} .venv/bin/pytest -m runtimes -p no:cacheprovider tests/environments || status=1
.venv/bin/python scripts/runtimes.py "$@" || status=1
exit $status
