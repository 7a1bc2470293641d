"""What Python 3.10 lacks of the standard library that the commands and everything below them use.

The base install (blueprint, workflow, facts, client, commands) runs on Python 3.10; the local Glue needs 3.11.
"""

from __future__ import annotations

import sys

if sys.version_info >= (3, 11):
    from datetime import UTC
    from enum import StrEnum
    from typing import Self, assert_never
else:  # pragma: no cover - make pythons runs it
    from datetime import timezone
    from enum import Enum
    from typing import Any, NoReturn

    UTC = timezone.utc
    Self = Any

    class StrEnum(str, Enum):
        """An enumeration of strings, as ``enum.StrEnum``: a member is equal to its value and formats as it."""

        __str__ = str.__str__
        __format__ = str.__format__

        @staticmethod
        def _generate_next_value_(name: str, start: int, count: int, last_values: list[str]) -> str:
            return name.lower()

    def assert_never(value: NoReturn) -> NoReturn:
        """Tell the type checker that ``value`` cannot occur."""
        raise AssertionError(f"unexpected value: {value!r}")


__all__ = ["UTC", "Self", "StrEnum", "assert_never"]
