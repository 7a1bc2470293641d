"""What makes a source the same source in the next run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def identity_of(values: Mapping[str, Any]) -> str:
    """Text for the bookmark that stays the same as long as ``values`` (paths or table, format) do."""
    return json.dumps(values, sort_keys=True, default=str)
