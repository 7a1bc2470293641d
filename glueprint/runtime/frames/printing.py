"""Records as ``show`` prints them."""

from __future__ import annotations

import json
from typing import Any

from glueprint.runtime.frames import plain
from glueprint.runtime.frames.frame import Frame


def show_string(frame: Frame, rows: int) -> str:
    """The first ``rows`` records as JSON, a line each, fields without a value left out."""
    convert = plain.to_plain(frame.schema)
    return "\n".join(json.dumps(_present(convert(row)), default=str) for row in frame.data.take(rows))


def _present(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _present(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_present(inner) for inner in value]
    return value
