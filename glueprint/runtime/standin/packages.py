"""Amazon's Java packages, from which some scripts take classes by their full names.

What stands in for a class answers under that name too; classes that really are there (a user's JAR) stay Java's;
all others are refused by name when they are called.
"""

from __future__ import annotations

from typing import Any, NoReturn

from py4j.java_gateway import JavaPackage  # type: ignore[import-untyped]

from glueprint.runtime.standin.errors import NotSupportedLocally


class AmazonPackage:
    """Stands before a package below ``com.amazonaws``; ``view`` has what stands in for classes."""

    def __init__(self, package: Any, name: str, view: Any) -> None:
        self._package = package
        self._name = name
        self._view = view

    def __getattr__(self, name: str) -> Any:
        if name[0].isupper() and name in vars(type(self._view)):
            return getattr(self._view, name)
        found = getattr(self._package, name)
        if isinstance(found, JavaPackage):  # which py4j makes of any name that is no class
            return AmazonPackage(found, f"{self._name}.{name}", self._view)
        return found

    def __call__(self, *arguments: object) -> NoReturn:
        raise NotSupportedLocally(self._name)


class ComPackage:
    """Stands before ``com``: only ``com.amazonaws`` is looked after."""

    def __init__(self, package: Any, view: Any) -> None:
        self._package = package
        self._view = view

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._package, name)
        return AmazonPackage(found, "com.amazonaws", self._view) if name == "amazonaws" else found
