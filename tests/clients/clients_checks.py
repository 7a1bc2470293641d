"""Runs the ``check_*`` functions of a script in the clients' environment, and prints what became of each."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Mapping
from typing import Any


def run(script: Mapping[str, Any]) -> None:
    """Run them in the order in which they are defined; they may build on each other."""
    outcomes: dict[str, str] = {}
    for name, check in list(script.items()):
        if name.startswith("check_"):
            try:
                check()
            except Exception:  # noqa: BLE001 - the test shows it
                outcomes[name] = traceback.format_exc()
            else:
                outcomes[name] = ""
    json.dump(outcomes, sys.stdout)
