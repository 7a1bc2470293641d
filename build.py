"""Zips the catalogue's blueprints into ``dist/``: the same as ``glueprint build``, from anywhere."""

from __future__ import annotations

from pathlib import Path

from glueprint.cli.build import build

if __name__ == "__main__":
    build(prog_name="build.py", default_map={"root": str(Path(__file__).parent)})
