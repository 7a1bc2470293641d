"""The Python of the built zips is held to the same rules as the package."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from glueprint.blueprint.bundler import bundle, catalogue_names

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Every Python file of every zip of the catalogue."""
    folder = tmp_path_factory.mktemp("zips")
    files = []
    for name in catalogue_names(ROOT):
        for path, content in bundle(ROOT, name).items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            if path.endswith(".py"):
                files.append(target)
    return files


def _run(*command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_ruff_finds_nothing_in_the_zips(unpacked: list[Path]) -> None:
    """ruff, with the project's rules for code that runs on Glue's Python 3.9, passes on what is zipped."""
    rules = "E,F,W,B,C4,SIM,RET,PIE,PERF,RUF,BLE"
    options = ["--isolated", "--select", rules, "--target-version", "py39", "--line-length", "115", "--no-cache"]
    _run("ruff", "check", *options, *map(str, unpacked))


def test_mypy_strict_finds_nothing_in_the_zips(unpacked: list[Path], tmp_path: Path) -> None:
    """mypy in strict mode passes on each zipped file, which imports no other one."""
    config = tmp_path / "mypy.ini"
    settings = ["strict = true", "ignore_missing_imports = true", "follow_imports = silent"]
    config.write_text("\n".join(["[mypy]", *settings, f"mypy_path = {unpacked[0].parents[1]}", ""]))
    # One run for all: with the folders as packages, files of the same name are different modules.
    options = ["--explicit-package-bases", "--config-file", str(config), "--cache-dir", str(tmp_path / "cache")]
    _run("mypy", *options, *map(str, unpacked))
