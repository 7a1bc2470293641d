"""What older Pythons lack of the standard library: the only module that reads the version of Python.

What is loaded inside a job's process runs on Python 3.9, with facts, dqdl and this module; the base install
(blueprint, workflow, client, commands) on 3.10; the local Glue on 3.11. It imports only what all of them import
anyway: each millisecond is paid by every job run.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if sys.version_info >= (3, 11):
    from datetime import UTC
    from enum import StrEnum
    from typing import Self, assert_never
else:  # pragma: no cover - make pythons and make runtimes run it
    from datetime import timezone
    from enum import Enum
    from itertools import zip_longest
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


if TYPE_CHECKING:
    strict_zip = zip
elif sys.version_info >= (3, 10):
    from functools import partial

    strict_zip = partial(zip, strict=True)
else:  # pragma: no cover - make runtimes runs it

    def strict_zip(*iterables):
        """Yield tuples as ``zip(*iterables, strict=True)``: ValueError if they have different lengths."""
        absent = object()
        for found in zip_longest(*iterables, fillvalue=absent):
            if any(one is absent for one in found):
                raise ValueError("the arguments of strict_zip have different lengths")
            yield found


__all__ = ["UTC", "Self", "StrEnum", "assert_never", "strict_zip"]
