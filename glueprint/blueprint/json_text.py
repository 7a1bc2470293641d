"""JSON that people write into files and parameters: read strictly, faults reported with line and column."""

from __future__ import annotations

import json
from typing import Any


class JsonFault(ValueError):
    """A text is not the JSON object that was expected; the message contains what is wrong and where."""


def read_object(text: str) -> dict[str, Any]:
    """Read ``text`` as one JSON object (RFC 8259: no ``NaN``, and here no key given twice).

    Raises:
        JsonFault: with line and column if the text is not JSON.
    """
    try:
        value = json.loads(text, object_pairs_hook=_without_repeats, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise JsonFault(_with_place(error)) from error
    except JsonFault:
        raise
    except RecursionError as error:
        raise JsonFault("it is nested too deeply") from error
    except ValueError as error:  # a number with thousands of digits
        raise JsonFault(str(error)) from error
    if not isinstance(value, dict):
        raise JsonFault(f"it is {kind_of(value)}, not an object {{...}}")
    return value


def kind_of(value: object) -> str:
    """Return the JSON name of the kind of ``value``, with its article: ``a string``, ``null``, ``a list``."""
    if value is None:
        return "null"
    for types, name in _KINDS:
        if isinstance(value, types):
            return name
    return f"a Python {type(value).__name__}"


_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "a Boolean"),
    ((int, float), "a number"),
    (str, "a string"),
    ((list, tuple), "a list"),
    (dict, "an object"),
)


def shown(value: object, limit: int = 80) -> str:
    """Return ``value`` for an error message: as JSON, cut after ``limit`` characters."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        text = repr(value)
    # A lone surrogate is legal in JSON but cannot be written to a log or a terminal.
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _with_place(error: json.JSONDecodeError) -> str:
    lines = error.doc.splitlines()
    source = lines[error.lineno - 1].strip() if error.lineno <= len(lines) else ""
    context = f": {shown(source)}" if source else ""
    return f"line {error.lineno}, column {error.colno}: {error.msg}{context}"


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        repeated = sorted({key for key in keys if keys.count(key) > 1})
        raise JsonFault(f"given more than once in one object: {', '.join(map(shown, repeated))}")
    return found


def _refuse_constant(name: str) -> Any:
    raise JsonFault(f"{name} is not JSON")
