"""Lets a project's tests import ``layouts.common`` and ``glue_jobs.common``, which Glueprint ships.

The project's own modules come first: this finder is the last one, for modules that no other finder finds.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

from glueprint.blueprint.helpers import ROOMS, shipped_helpers


class HelperFinder(MetaPathFinder):
    """Finds the shipped helpers, and nothing else."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of ``layouts.common``, ``glue_jobs.common`` or a module in them."""
        room, _, rest = name.partition(".")
        if room not in ROOMS or rest.partition(".")[0] != "common":
            return None
        folder = self._root / room
        return PathFinder.find_spec(name, [str(folder if rest == "common" else folder / "common")])


def import_helpers(project: Path) -> None:
    """Install the finder, if ``project`` has layouts or jobs and is not the repository that has the helpers."""
    root = shipped_helpers()
    is_installed = any(isinstance(finder, HelperFinder) for finder in sys.meta_path)
    if root is None or root == project or is_installed:
        return
    if any((project / room).is_dir() for room in ROOMS):
        sys.meta_path.append(HelperFinder(root))
