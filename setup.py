"""Puts the built blueprint zips and the shared helpers into the wheel; everything else is in setup.cfg."""

import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent


class BuildWithZips(build_py):
    """``build_py``, and the catalogue zipped into the package."""

    def run(self) -> None:
        """Build the modules, then the zips (an editable install uses ``build.py`` instead)."""
        super().run()
        if self.editable_mode:
            return
        sys.path.insert(0, str(ROOT))
        from glueprint.blueprint.archive import write_archive
        from glueprint.blueprint.bundler import bundle, catalogue_names
        from glueprint.blueprint.helpers import ROOMS

        target = Path(self.build_lib) / "glueprint" / "catalogue"
        target.mkdir(parents=True, exist_ok=True)
        for room in ROOMS:
            common = target / "helpers" / room / "common"
            common.mkdir(parents=True, exist_ok=True)
            for file in sorted((ROOT / room / "common").glob("*.py")):
                (common / file.name).write_bytes(file.read_bytes())
        for name in catalogue_names(ROOT):
            (target / f"{name}.zip").write_bytes(write_archive(bundle(ROOT, name)))


setup(cmdclass={"build_py": BuildWithZips})
