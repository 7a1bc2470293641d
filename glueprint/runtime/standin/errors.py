"""What the stand-in refuses, by name."""

from __future__ import annotations

from typing import NoReturn

from glueprint.runtime.unsupported import NotSupportedLocally

__all__ = ["Absent", "NotSupportedLocally"]

class Absent:
    """A class of Glue's JVM that nobody stands in for: any use of it is refused by name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, member: str) -> NoReturn:
        raise NotSupportedLocally(f"{self._name}.{member}")

    def __call__(self, *arguments: object) -> NoReturn:
        raise NotSupportedLocally(self._name)
