"""The wheel carries the built zips and the shared helpers (Installs)."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from glueprint.blueprint.archive import read_archive, write_archive
from glueprint.blueprint.bundler import bundle, catalogue_names

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel, built from the files that are under version control, and new ones."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    for name in listed.decode().split("\0"):
        file = ROOT / name
        if name and file.is_file() and not name.startswith("tests/"):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes(file.read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    done = subprocess.run(
        [*command, "--wheel-dir", str(folder), str(source)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    [built] = folder.glob("*.whl")
    return built


def test_the_wheel_holds_every_blueprint(wheel: Path) -> None:
    """A built wheel holds each blueprint's zip, the same bytes that `build.py` makes (same tree, same bytes)."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        assert "glueprint/py.typed" in names
        assert not [name for name in names if name.startswith(("tests/", "layouts/", "glue_jobs/"))]
        for name in catalogue_names(ROOT):
            data = archive.read(f"glueprint/catalogue/{name}.zip")
            assert data == write_archive(bundle(ROOT, name))
            assert read_archive(data, name).config
        for file in (*ROOT.glob("layouts/common/*.py"), *ROOT.glob("glue_jobs/common/*.py")):
            inside = f"glueprint/catalogue/helpers/{file.relative_to(ROOT).as_posix()}"
            assert archive.read(inside) == file.read_bytes()


@pytest.mark.jobs
@pytest.mark.slow
def test_an_installed_wheel_makes_and_runs_a_project(wheel: Path, tmp_path: Path) -> None:
    """Outside the repository: `new`, `build`, and the project's own tests, which run its workflow."""
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    binaries = venv / "bin"
    install = [str(binaries / "python"), "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(install, check=True)
    # The dependencies are those of this environment. A path in a .pth file does not run the .pth files in it, so
    # that the repository, which is installed there in editable mode, cannot be imported.
    [packages] = venv.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    kept = ("HOME", "LANG", "XDG_CACHE_HOME", "GLUEPRINT_WARM_WORKERS", "GLUEPRINT_CLASS_ARCHIVE")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment["PATH"] = f"{binaries}{os.pathsep}{os.environ.get('PATH', os.defpath)}"

    def run(*command: str, cwd: Path = tmp_path) -> str:
        done = subprocess.run(
            command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    where = run("python", "-c", "import glueprint; print(glueprint.__file__)")
    assert Path(where.strip()).is_relative_to(venv)
    run("glueprint", "new", "orders")
    assert "dist/orders.zip" in run("glueprint", "build", cwd=tmp_path / "orders")
    ran = run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=tmp_path / "orders")
    assert "4 passed" in ran
