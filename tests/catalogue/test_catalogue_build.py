"""``build.py`` and ``glueprint build``: all blueprints or none, the same bytes for the same tree."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from glueprint.cli.build import BuildFailed, build, build_blueprints

ROOT = Path(__file__).parents[2]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the catalogue that may be broken."""
    for part in ("blueprints", "layouts", "glue_jobs"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_the_same_tree_gives_the_same_bytes(tree: Path) -> None:
    """Wherever and whenever it is built."""
    (here,) = build_blueprints(ROOT, ["file_presence"], tree / "one")
    (there,) = build_blueprints(tree, ["file_presence"], tree / "two")
    assert here.sha256 == there.sha256
    assert Path(here.path).read_bytes() == Path(there.path).read_bytes()


def test_build_py_is_glueprint_build(tmp_path: Path) -> None:
    """``python build.py [NAME ...] [--out dist]`` works from any directory."""
    command = [sys.executable, str(ROOT / "build.py"), "file_presence", "--out", str(tmp_path), "--json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    (built,) = json.loads(done.stdout)
    assert built["name"] == "file_presence"
    assert built["size"] == (tmp_path / "file_presence.zip").stat().st_size


def test_the_table_is_aligned(tmp_path: Path) -> None:
    """What was built is shown with sizes."""
    answer = CliRunner().invoke(build, ["--root", str(ROOT), "--out", str(tmp_path)])
    assert answer.exit_code == 0
    heading, *rows = answer.output.splitlines()
    assert heading.split() == ["BLUEPRINT", "ZIP", "FILES", "SIZE", "UNPACKED", "SHA-256"]
    assert {row.index(str(tmp_path)) for row in rows} == {heading.index("ZIP")}


def test_every_problem_is_reported_and_nothing_is_written(tree: Path) -> None:
    """Errors all at once, non-zero exit, no zip."""
    layout = tree / "layouts" / "file_presence.py"
    layout.write_text(layout.read_text() + "\nimport pyspark\nimport pandas\n")
    report = tree / "glue_jobs" / "file_presence" / "report.py"
    report.write_text(report.read_text() + "\ndef broken(:\n")
    answer = CliRunner().invoke(build, ["--root", str(tree)])
    assert answer.exit_code == 1
    assert "layouts/file_presence.py" in answer.output
    assert "cannot import pyspark" in answer.output
    assert "pandas may be missing" in answer.output
    assert "glue_jobs/file_presence/report.py" in answer.output
    assert "nothing was built: 2 problems" in answer.output
    assert not (tree / "dist").exists()


def test_an_unknown_name_lists_the_known_ones(tmp_path: Path) -> None:
    """The message lists what can be built."""
    with pytest.raises(BuildFailed, match=r"nope: there is no such blueprint; there are: .*file_presence"):
        build_blueprints(ROOT, ["nope"], tmp_path)


def test_a_directory_without_blueprints_is_named(tmp_path: Path) -> None:
    """In the wrong directory, the message names the folder that is missing."""
    with pytest.raises(BuildFailed, match="blueprints: there is no blueprint here"):
        build_blueprints(tmp_path, [], tmp_path / "dist")


def test_built_python_is_clean(tmp_path: Path) -> None:
    """ruff and mypy (strict) are clean on the Python of the built zips too."""
    (built,) = build_blueprints(ROOT, ["file_presence"], tmp_path)
    shutil.unpack_archive(built.path, tmp_path)
    folder = tmp_path / "file_presence"
    tool = [sys.executable, "-m"]
    rules = [
        "--config",
        str(ROOT / "pyproject.toml"),
        "--config",
        'target-version="py39"',
        "--ignore",
        "UP,T20,N803",
    ]
    commands = [[*tool, "ruff", "check", "--no-cache", *rules, str(folder)]]
    for script in ["layout.py", *(f"scripts/{name}.py" for name in ("look", "load", "report"))]:
        strict = ["--config-file", str(ROOT / "setup.cfg"), "--cache-dir", str(tmp_path / "cache")]
        commands.append([*tool, "mypy", *strict, str(folder / script)])
    for command in commands:
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
