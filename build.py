"""Zips the catalogue's blueprints into ``dist/``: the same as ``glueprint build``, from anywhere."""

from __future__ import annotations

from pathlib import Path

from glueprint.cli.build import build

if __name__ == "__main__":
    root = Path(__file__).absolute().parent
    here = Path.cwd()
    shown = root.relative_to(here) if root.is_relative_to(here) else root
    build(prog_name="build.py", default_map={"root": str(shown)})
