"""Reads the labels of a ruleset or a rule (DG:dqdl, "Labels")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from glueprint.dqdl.reader import Reader
from glueprint.dqdl.tokens import Token

MAX_LABELS = 10
MAX_KEY_LENGTH = 128
MAX_VALUE_LENGTH = 256


def read_labels(reader: Reader, defaults: Mapping[str, str] | None = None) -> dict[str, str]:
    """Read ``= ["key"="value", ...]``.

    Raises:
        DqdlError: it is not a list of labels, or a limit is exceeded.
    """
    start = reader.expect_sign("=", "behind labels")
    reader.expect_sign("[", "before the labels")
    found: dict[str, str] = {}
    while True:
        token = reader.next
        key = reader.expect_text("the key of a label")
        reader.expect_sign("=", "between key and value of a label")
        value = reader.expect_text("the value of a label")
        if not key or not value:
            reader.fail("Label key or value cannot be empty", at=token)
        if len(key) > MAX_KEY_LENGTH:
            _fail_length(reader, "key", key, MAX_KEY_LENGTH, token)
        if len(value) > MAX_VALUE_LENGTH:
            _fail_length(reader, "value", value, MAX_VALUE_LENGTH, token)
        if key in found:
            reader.fail("Duplicate label key. Key must be unique.", at=token)
        found[key] = value
        if not reader.take_sign(","):
            break
    reader.expect_sign("]", "or ',' behind a label")
    if len({*found, *(defaults or {})}) > MAX_LABELS:
        reader.fail(f"Number of labels exceed maximum allowed (MAX: {MAX_LABELS})", at=start)
    return found


def _fail_length(reader: Reader, part: str, text: str, limit: int, at: Token) -> NoReturn:
    problem = f"Label {part} has length {len(text)} exceeding the maximum length of {limit} characters"
    reader.fail(problem, at=at)
