"""Turns what an operation returns into the JSON that clients parse.

Only members of the model are sent: a key that the model does not know is a bug of the local Glue and raises.
``None`` means absent. Times are epoch seconds, as Glue sends them.
"""

from __future__ import annotations

import base64
import datetime
from collections.abc import Mapping
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape


def serialize(shape: Shape | None, value: Any) -> Any:
    """Return ``value`` as JSON-ready data.

    Raises:
        KeyError: ``value`` has a member that ``shape`` does not know.
    """
    if shape is None:
        return {}
    if isinstance(shape, StructureShape):
        return _structure(shape, value)
    if isinstance(shape, ListShape):
        return [serialize(shape.member, item) for item in value]
    if isinstance(shape, MapShape):
        return {key: serialize(shape.value, item) for key, item in value.items() if item is not None}
    if shape.type_name == "timestamp":
        return value.timestamp() if isinstance(value, datetime.datetime) else float(value)
    if shape.type_name == "blob":
        return base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else value
    return value


def _structure(shape: StructureShape, value: Mapping[str, Any]) -> Any:
    if getattr(shape, "is_document_type", False):
        return value
    members = shape.members
    answer = {}
    for name, item in value.items():
        if name not in members:
            raise KeyError(f"{shape.name} has no member {name}")
        if item is not None:
            answer[name] = serialize(members[name], item)
    return answer
