"""A blueprint's layout as a module: its functions can be called without a zip and without a process of its own."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

import pytest

LIBRARY = "glueprint.blueprint.layout_library"


def import_layout(blueprint: str) -> ModuleType:
    """Import ``layouts/<blueprint>.py`` with Glueprint's layout library as the package ``awsglue.blueprint``."""
    name = f"layouts.{blueprint}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "awsglue.blueprint", importlib.import_module(LIBRARY))
        for part in ("base_resource", "crawler", "job", "workflow"):
            patch.setitem(sys.modules, f"awsglue.blueprint.{part}", importlib.import_module(f"{LIBRARY}.{part}"))
        return importlib.import_module(name)
