"""Values as the text of delimited files (LazySimpleSerDe)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from glueprint.query.types import Type, field_names


def field_text(value: Any, kind: Type, null: str, level: int = 2) -> str:
    """Return a value as text; nested ones with the control character of their level between them."""
    if value is None:
        return null
    separator = chr(level)
    match kind.name:
        case "array":
            return separator.join(field_text(one, kind.args[0], null, level + 1) for one in value)
        case "map":
            items = value.items() if isinstance(value, Mapping) else value
            pairs_of_texts = (
                [field_text(part, side, null, level + 2) for part, side in zip(item, kind.args, strict=True)]
                for item in items
            )
            return separator.join(chr(level + 1).join(one) for one in pairs_of_texts)
        case "row":
            pairs = zip(field_names(kind), kind.args, strict=True)
            return separator.join(field_text(value[name], one, null, level + 1) for name, (_, one) in pairs)
        case "boolean":
            return "true" if value else "false"
        case "varbinary":
            return base64.b64encode(value).decode()
        case "timestamp":
            return _moment(value)
    return str(value)


def _moment(value: datetime) -> str:
    text = value.strftime("%Y-%m-%d %H:%M:%S")
    return f"{text}.{value.microsecond // 1000:03d}" if value.microsecond else text
