"""`glueprint new`: a project outside the repository that builds, and whose own tests pass."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from glueprint.blueprint.archive import read_archive
from glueprint.cli.main import cli


def glueprint(*arguments: str) -> Result:
    """Run a command."""
    return CliRunner().invoke(cli, list(arguments))


def test_a_new_project_builds_without_a_warning(tmp_path: Path) -> None:
    """Helpers of the package are written into the layout and the scripts; nothing of the repository is needed."""
    assert glueprint("new", "orders", "etl").exit_code == 0
    done = glueprint("build", "--root", "etl")
    assert (done.exit_code, done.stderr) == (0, "")
    files = read_archive((tmp_path / "etl" / "dist" / "orders.zip").read_bytes(), "orders").files
    assert b"def stage_script" in files["orders/layout.py"]
    assert sorted(name for name in files if "/scripts/" in name) == [
        f"orders/scripts/{name}.py" for name in ("alert", "count", "report")
    ]
    assert not any(b"__NAME__" in content for content in files.values())


def test_newer_syntax_in_a_new_project_is_refused(tmp_path: Path) -> None:
    """Its layout shows that its jobs run Python 3.9, so that the build checks the scripts for it."""
    glueprint("new", "orders", "etl")
    script = tmp_path / "etl" / "glue_jobs" / "orders" / "count.py"
    script.write_text(script.read_text() + "\nmatch 1:\n    case 1:\n        pass\n")
    done = glueprint("build", "--root", "etl")
    assert done.exit_code == 1
    assert "Pattern matching is only supported in Python 3.10" in done.stderr
    assert "1 problem" in done.stderr


def test_a_project_module_takes_precedence_over_the_shipped_one(tmp_path: Path) -> None:
    """A module of the same name in the project's own common folder is the one that is bundled."""
    glueprint("new", "orders", "etl")
    own = tmp_path / "etl" / "glue_jobs" / "common" / "arguments.py"
    own.parent.mkdir()
    own.write_text('"""Own."""\n\n\ndef read_arguments(argv, required):\n    """Own."""\n    return {}\n')
    assert glueprint("build", "--root", "etl").exit_code == 0
    files = read_archive((tmp_path / "etl" / "dist" / "orders.zip").read_bytes(), "orders").files
    assert b'"""Own."""' in files["orders/scripts/count.py"]
    assert b"def aws_client" in files["orders/scripts/count.py"]


def test_a_second_blueprint_goes_into_the_same_project(tmp_path: Path) -> None:
    """Shared files stay as they are; the same name again changes nothing."""
    glueprint("new", "orders", "etl")
    (tmp_path / "etl" / "README.md").write_text("mine")
    assert glueprint("new", "returns", "etl").exit_code == 0
    assert (tmp_path / "etl" / "README.md").read_text() == "mine"
    again = glueprint("new", "orders", "etl")
    assert again.exit_code == 1
    assert "exists already; nothing was written" in again.stderr
    assert glueprint("build", "--root", "etl").stdout.count("dist/") == 2


@pytest.mark.parametrize("name", ["Orders", "1st", "a-b", "../x", ""])
def test_a_name_that_no_blueprint_can_have_is_refused(name: str, tmp_path: Path) -> None:
    """The bundler would refuse it later."""
    done = glueprint("new", name)
    assert done.exit_code == 2
    assert "lower case letters" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_tests_of_a_new_project_pass(tmp_path: Path) -> None:
    """They import the shipped helpers, and run the workflow: AND starts the report, ANY the alert."""
    written = json.loads(glueprint("new", "orders", "--json").stdout)
    assert "tests/test_orders.py" in written["Files"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        command, cwd=tmp_path / "orders", env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed" in done.stdout
