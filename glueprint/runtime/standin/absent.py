"""What only AWS has: Java classes of Glue and Python packages that are not published. Each is refused by name.

``AbsentPackages`` refuses the import of ``awsglueml``, which scripts that detect personal data contain, as Python
refuses a module that is not there, and states why. ``awsgluedq``, which Glue Studio writes into scripts, is
Glueprint's own (``runtime/spark_modules``).

``ComPackage`` and ``AmazonPackage`` resolve full Java names below ``com.amazonaws``: to the stand-in if the class
has one, to Java's class if it exists (in a user's JAR), and otherwise to a name that is refused when it is called.

Source: developer guide, "Evaluating data quality for ETL jobs" and "Detect PII" (the imports of their scripts).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
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


PACKAGES = frozenset({"awsglueml"})

_OWN_MODULES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "spark_modules")


class AbsentPackages(MetaPathFinder):
    """Import hook that states why there is no module of :data:`PACKAGES`.

    The error is the one that a script expects which works with and without them.
    """

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """See :class:`importlib.abc.MetaPathFinder`.

        Raises:
            ModuleNotFoundError: the module belongs to a package that is not published.
        """
        if name.partition(".")[0] in PACKAGES:
            raise ModuleNotFoundError(
                f"No module named {name!r}: not supported locally ({name} is not published: only AWS has it)",
                name=name,
            )
        return None


def install_import_hook() -> None:
    """Let scripts import Glueprint's own modules and refuse :data:`PACKAGES`. May be called repeatedly.

    Both come last: a package of the same name that the user brings is used.
    """
    if _OWN_MODULES not in sys.path:
        sys.path.append(_OWN_MODULES)
    if not any(isinstance(one, AbsentPackages) for one in sys.meta_path):
        sys.meta_path.append(AbsentPackages())
