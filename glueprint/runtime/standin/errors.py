"""What the stand-in refuses, by name."""

from __future__ import annotations

from typing import NoReturn

from glueprint.runtime.unsupported import NotSupportedLocally

__all__ = ["Absent", "NotSupportedLocally"]


class Absent:
    """What Glue has and nobody stands in for: any use of it is refused by name, ``advice`` behind it."""

    def __init__(self, name: str, advice: str = "") -> None:
        self._name = name
        self._advice = advice

    def __getattr__(self, member: str) -> NoReturn:
        if member.startswith("__"):  # Python itself asks for such names, and takes no for an answer
            raise AttributeError(member)
        raise NotSupportedLocally(f"{self._name}.{member}", self._advice)

    def __call__(self, *arguments: object, **options: object) -> NoReturn:
        raise NotSupportedLocally(self._name, self._advice)
