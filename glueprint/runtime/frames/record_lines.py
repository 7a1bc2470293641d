"""Records as lines of JSON: what ``show`` prints, and what is written of frames with choices, which Spark's writer
does not know.
"""

from __future__ import annotations

import base64
import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any


def line(record: dict[str, Any]) -> str:
    """A plain record as JSON; fields without a value are left out.

    Raises:
        TypeError: there is a value in it that no type of Glue has.
    """
    return json.dumps(_present(record), default=_jsonable, ensure_ascii=False)


def _present(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _present(one) for name, one in value.items() if one is not None}
    return [_present(one) for one in value] if isinstance(value, list) else value


def _jsonable(value: object) -> object:
    """Values that Python's ``json`` does not know, as Spark's writer writes them."""
    match value:
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M:%S.%f")
        case date():
            return value.isoformat()
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case bytes() | bytearray():
            return base64.b64encode(value).decode()
    raise TypeError(f"JSON has no form for {value!r}")
