"""The Makefile's search for a Python of the local Glue."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "find-python.sh"


def found(folder: Path, *versions: str, python: str = "") -> subprocess.CompletedProcess[str]:
    """Run the search where these Pythons alone are on the path; ``python`` is make's ``PYTHON=``."""
    tools = folder / "bin"
    tools.mkdir()
    for version in versions:
        program = tools / f"python{version}"
        program.write_text(f"#!/bin/sh\necho {version}\n")
        program.chmod(0o755)
    (tools / "cat").symlink_to("/bin/cat")
    environment = {"PATH": str(tools), "HOME": str(folder), "PYTHON": python}
    return subprocess.run(["/bin/sh", SCRIPT], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("there", "chosen"),
    [(["3.10", "3.11", "3.13"], "3.11"), (["3.12", "3.13", "3.14"], "3.13"), (["3.9", "3.12"], "3.12")],
)
def test_a_python_that_can_run_the_local_glue_is_found(tmp_path: Path, there: list[str], chosen: str) -> None:
    """3.11 and 3.13 bring their Spark, 3.12 runs the server only (docs/runtimes.md); others are passed over."""
    result = found(tmp_path, *there)
    assert (result.returncode, result.stdout) == (0, f"{tmp_path}/bin/python{chosen}\n")


def test_without_one_the_ways_to_get_one_are_listed(tmp_path: Path) -> None:
    """No other version is tried: pip would fail later, in a long error about Amazon's package (its metadata)."""
    result = found(tmp_path, "3.9", "3.14")
    assert (result.returncode, result.stdout) == (1, "")
    assert "needs Python 3.11 or 3.13, and neither was found" in result.stderr
    for way in ("uv python install", "pyenv install", "apt-get install", "brew install"):
        assert way in result.stderr


def test_a_python_that_is_named_is_checked(tmp_path: Path) -> None:
    """``make PYTHON=...`` with another version is refused at once."""
    result = found(tmp_path, "3.10", python=f"{tmp_path}/bin/python3.10")
    assert result.returncode == 1
    assert "is Python 3.10, not Python 3.11, 3.12 or 3.13" in result.stderr
