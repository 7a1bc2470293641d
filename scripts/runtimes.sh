#!/usr/bin/env bash
# Installs every runtime whose Python this machine has (in the user's cache, where they stay), tests the environments, and runs in each the suites of
# what is loaded inside a job's process. The last line states which runtimes were tested, and which Pythons are missing.
# RUNTIMES... names some of them; --quick: a part of the suites, in 6.0 and Python shell's runtime.
set -euo pipefail
cd "$(dirname "$0")/.."
status=0
names=() quick=()
for argument in "$@"; do
    if [ "$argument" = --quick ]; then quick=(--quick); else names+=("$argument"); fi
done
[ ${#quick[@]} -eq 0 ] || [ ${#names[@]} -gt 0 ] || names=(6.0 pythonshell)
export GLUEPRINT_TESTED_RUNTIMES="${names[*]-}"
# The tests have their own XDG_CACHE_HOME.
GLUEPRINT_TEST_RUNTIMES=${XDG_CACHE_HOME:-} .venv/bin/pytest -m runtimes -p no:cacheprovider tests/environments || status=1
.venv/bin/python scripts/runtimes.py ${quick[@]+"${quick[@]}"} ${names[@]+"${names[@]}"} || status=1
exit $status
