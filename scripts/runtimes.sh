#!/usr/bin/env bash
# Installs every runtime whose Python this machine has (in the user's cache, where they stay) and runs the tests that need them. The last lines state
# which runtimes were tested, and which Pythons are missing.
set -euo pipefail
cd "$(dirname "$0")/.."
# The tests have their own XDG_CACHE_HOME.
export GLUEPRINT_TEST_RUNTIMES=${XDG_CACHE_HOME:-}
.venv/bin/pytest -m runtimes -p no:cacheprovider tests/environments "$@"
.venv/bin/python - <<'END'
from glueprint.environments import installed
from glueprint.environments.definitions import RUNTIMES

found = {name: installed.find(name) for name in RUNTIMES}
tested = [f"{name} (Python {one.python_version})" for name, one in found.items() if one]
missing = sorted({RUNTIMES[name].python_version for name, one in found.items() if one is None})
print(f"runtimes tested: {', '.join(tested) or 'none'}")
print(f"Pythons that were not found: {', '.join(missing) or 'none'}")
END
