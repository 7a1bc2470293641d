"""Long texts of errors, shortened: what the API returns with each listing contains their start and their end."""

from __future__ import annotations

import re

MAX_ERROR_LENGTH = 10_000
"""Characters of an ``ErrorMessage`` for which the service model has no limit: of job and blueprint runs."""
MAX_DESCRIPTION_LENGTH = 2048
"""Characters of the service model's ``DescriptionString``: ``ErrorMessage`` of crawls."""

_NOT_IN_DESCRIPTION = re.compile(r"[^\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff\r\n\t]")


def shortened(text: str, length: int = MAX_ERROR_LENGTH, *, hint: str = "") -> str:
    """Return ``text`` in at most ``length`` characters: a long one with how many were left out in its middle.

    The end stays because it often names the cause. ``hint`` states where the complete text is.
    """
    if len(text) <= length:
        return text
    note = f" ... ({len(text) - length:,} of {len(text):,} characters left out{hint}) ... "
    kept = max(length - len(note), 2)
    tail = kept // 3
    return f"{text[: kept - tail]}{note}{text[-tail:]}"


def description(text: str, *, hint: str = "") -> str:
    """Return ``text`` as a ``DescriptionString``: control characters as ``\\x1b``, not longer than the limit."""
    escaped = _NOT_IN_DESCRIPTION.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
    return shortened(escaped, MAX_DESCRIPTION_LENGTH, hint=hint)
