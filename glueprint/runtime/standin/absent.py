"""What only AWS has: Java classes of Glue and Python packages that are not published. Each is refused by name.

``AbsentPackages`` makes ``awsgluedq`` and ``awsglueml`` importable: Glue Studio writes
``from awsgluedq.transforms import EvaluateDataQuality`` into scripts, and a script that detects personal data
imports ``awsglueml``. A name that a script takes from them is refused when it is used. If the user brings a
package of one of these names, that package is used.

``ComPackage`` and ``AmazonPackage`` resolve full Java names below ``com.amazonaws``: to the stand-in if the class
has one, to Java's class if it exists (in a user's JAR), and otherwise to a name that is refused when it is called.

Source: developer guide, "Evaluating data quality for ETL jobs" and "Detect PII" (the imports of their scripts).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, NoReturn

from glueprint.runtime.storage.errors import NotSupportedLocally


class Absent:
    """A class of Glue's that has no stand-in: any use of it is refused, with its name and ``advice``."""

    def __init__(self, name: str, advice: str = "") -> None:
        self._name = name
        self._advice = advice

    def __getattr__(self, member: str) -> NoReturn:
        if member.startswith("__"):  # Python itself looks such names up and expects an AttributeError
            raise AttributeError(member)
        raise NotSupportedLocally(f"{self._name}.{member}", self._advice)

    def __call__(self, *arguments: object, **options: object) -> NoReturn:
        raise NotSupportedLocally(self._name, self._advice)


class AmazonPackage:
    """A package below ``com.amazonaws``; ``view`` has the stand-ins for its classes."""

    def __init__(self, package: Any, name: str, view: Any) -> None:
        self._package = package
        self._name = name
        self._view = view

    def __getattr__(self, name: str) -> Any:
        # Imported here: a job imports this module before it starts its JVM.
        from py4j.java_gateway import JavaPackage  # type: ignore[import-untyped]

        if name[0].isupper() and name in vars(type(self._view)):
            return getattr(self._view, name)
        found = getattr(self._package, name)
        if isinstance(found, JavaPackage):  # py4j returns a package for any name that is not a class
            return AmazonPackage(found, f"{self._name}.{name}", self._view)
        return found

    def __call__(self, *arguments: object) -> NoReturn:
        raise NotSupportedLocally(self._name)


class ComPackage:
    """The Java package ``com``: ``com.amazonaws`` is an :class:`AmazonPackage`, everything else is Java's."""

    def __init__(self, package: Any, view: Any) -> None:
        self._package = package
        self._view = view

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._package, name)
        return AmazonPackage(found, "com.amazonaws", self._view) if name == "amazonaws" else found


PACKAGES = frozenset({"awsgluedq", "awsglueml"})


class AbsentPackages(MetaPathFinder, Loader):
    """Import hook for :data:`PACKAGES` and their submodules; every name in these modules is :class:`Absent`."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """See :class:`importlib.abc.MetaPathFinder`."""
        return ModuleSpec(name, self, is_package=True) if name.partition(".")[0] in PACKAGES else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """A module that has any name that is looked up."""
        return _AbsentModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


class _AbsentModule(ModuleType):
    def __getattr__(self, name: str) -> Absent:
        if name.startswith("_"):  # looked up by Python itself
            raise AttributeError(name)
        return Absent(name, f"{self.__name__} is not published: only AWS has it")


def install_import_hook() -> None:
    """Let scripts import :data:`PACKAGES`. May be called repeatedly."""
    if not any(isinstance(one, AbsentPackages) for one in sys.meta_path):
        sys.meta_path.append(AbsentPackages())
