"""Amazon's Python packages that only Glue's own machines have.

Glue Studio writes ``from awsgluedq.transforms import EvaluateDataQuality`` into scripts, and one that detects
personal data imports ``awsglueml``. Neither package is published, so importing them works here, and what a script
takes from them is refused by name when it is used. Packages of these names that a user brings come first.

Source: developer guide, "Evaluating data quality for ETL jobs" and "Detect PII" (the imports of their scripts).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from glueprint.runtime.standin.errors import Absent

PACKAGES = frozenset({"awsgluedq", "awsglueml"})


class AbsentPackages(MetaPathFinder, Loader):
    """Finds :data:`PACKAGES` and what is below them, and loads modules whose every name is :class:`Absent`."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """As Python's import asks."""
        return ModuleSpec(name, self, is_package=True) if name.partition(".")[0] in PACKAGES else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """A module that has whatever it is asked for."""
        return _AbsentModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


class _AbsentModule(ModuleType):
    def __getattr__(self, name: str) -> Absent:
        if name.startswith("_"):  # Python's own questions
            raise AttributeError(name)
        return Absent(name, f"{self.__name__} is not published: only AWS has it")


def install() -> None:
    """Let scripts import :data:`PACKAGES`; may be repeated."""
    if not any(isinstance(one, AbsentPackages) for one in sys.meta_path):
        sys.meta_path.append(AbsentPackages())
