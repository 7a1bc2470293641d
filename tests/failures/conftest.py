"""Runs for these tests come from the helpers of runtime and local tests."""

import sys
from pathlib import Path

for room in ("runtime", "local"):
    sys.path.insert(0, str(Path(__file__).parents[1] / room))
