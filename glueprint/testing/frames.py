"""Assertions about frames: Spark's DataFrames and Glue's DynamicFrames."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

MAX_SHOWN_ROWS = 10
"""How many rows of each kind a failed comparison shows."""
_NULLABLE = re.compile(r" \((nullable|containsNull|valueContainsNull) = (true|false)\)")


def rows(frame: Any) -> list[dict[str, Any]]:
    """Return the rows of a DataFrame or DynamicFrame as plain dictionaries, structs included.

    A column of choices is a struct with a field for each type, as ``toDF`` returns it.
    """
    data = frame.toDF() if hasattr(frame, "glue_ctx") else frame
    return [row.asDict(recursive=True) for row in data.collect()]


def assert_rows(
    frame: Any, expected: Sequence[Mapping[str, Any]], *, ordered: bool = False, tolerance: float = 1e-9
) -> None:
    """Assert that ``frame`` has exactly these rows.

    Args:
        frame: a DataFrame, a DynamicFrame, or rows as :func:`rows` returns them.
        expected: each row with all its columns.
        ordered: whether the order matters.
        tolerance: the relative difference allowed between two floats.

    Raises:
        AssertionError: the message shows the rows that are missing and those that are not expected.
    """
    found = list(frame) if isinstance(frame, Sequence) else rows(frame)
    if ordered:
        for number, (one, other) in enumerate(zip(found, expected, strict=False)):
            assert _same(one, other, tolerance), f"row {number} is\n  {one}\nexpected\n  {dict(other)}"
        assert len(found) == len(expected), f"{len(found)} rows, expected {len(expected)}"
        return
    missing, unexpected = [], list(found)
    for row in expected:
        match = next((index for index, one in enumerate(unexpected) if _same(one, row, tolerance)), None)
        if match is None:
            missing.append(row)
        else:
            del unexpected[match]
    differences = [*_listed("missing", missing), *_listed("not expected", unexpected)]
    if differences:
        raise AssertionError("\n".join([f"{len(found)} rows, expected {len(expected)}", *differences]))


def assert_schema(frame: Any, expected: str) -> None:
    """Assert that ``frame.printSchema()`` prints ``expected``. Indentation and nullability
    do not matter.

    Raises:
        AssertionError: it prints something else.
    """
    found, wanted = (_tree(text) for text in (frame._jdf.schema().treeString(), expected))
    assert found == wanted, "the schema is\n" + "\n".join(found) + "\nexpected\n" + "\n".join(wanted)


def _same(one: Any, other: Any, tolerance: float) -> bool:
    match one, other:
        case Mapping(), Mapping():
            return one.keys() == other.keys() and all(_same(one[key], other[key], tolerance) for key in one)
        case list() | tuple(), list() | tuple():
            return len(one) == len(other) and all(map(lambda a, b: _same(a, b, tolerance), one, other))
        case float(), int() | float():
            return math.isclose(one, other, rel_tol=tolerance) or (math.isnan(one) and math.isnan(other))
        case _:
            return bool(one == other)


def _listed(what: str, some: Sequence[Mapping[str, Any]]) -> list[str]:
    if not some:
        return []
    more = [f"  ... and {len(some) - MAX_SHOWN_ROWS} more"] if len(some) > MAX_SHOWN_ROWS else []
    return [f"{what}:", *(f"  {dict(row)}" for row in some[:MAX_SHOWN_ROWS]), *more]


def _tree(text: str) -> list[str]:
    lines = [_NULLABLE.sub("", line).strip() for line in text.strip().splitlines()]
    return [re.sub(r"\s+", " ", line) for line in lines if line]
