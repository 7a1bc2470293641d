"""The wheel carries the built zips (Installs)."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from glueprint.blueprint.archive import read_archive, write_archive
from glueprint.blueprint.bundler import bundle, catalogue_names

ROOT = Path(__file__).parents[2]


def test_the_wheel_holds_every_blueprint(tmp_path: Path) -> None:
    """A built wheel holds each blueprint's zip, the same bytes that `build.py` makes (same tree, same bytes)."""
    source = tmp_path / "source"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in listed.decode().split("\0"):
        file = ROOT / name
        if name and file.is_file() and not name.startswith("tests/"):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes(file.read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    done = subprocess.run(
        [*command, "--wheel-dir", str(tmp_path), str(source)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        assert "glueprint/py.typed" in names
        assert not [name for name in names if name.startswith(("tests/", "layouts/", "glue_jobs/"))]
        for name in catalogue_names(ROOT):
            data = archive.read(f"glueprint/catalogue/{name}.zip")
            assert data == write_archive(bundle(ROOT, name))
            assert read_archive(data, name).config
