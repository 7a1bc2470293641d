"""Shell completion completes the names of the running local Glue, and starts none."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete
from harness.scripted_glue import Stage

from glueprint.cli.main import cli


def completed(*before: str, incomplete: str = "") -> list[str]:
    """What a shell would offer (Click: Shell Completion)."""
    complete = ShellComplete(cli, {}, "glueprint", "_GLUEPRINT_COMPLETE")
    return [item.value for item in complete.get_completions(list(before), incomplete)]


def test_names_are_completed(ran: Stage) -> None:
    """Of workflows and of jobs, where a command takes both."""
    given = ("--data-dir", str(ran.data.path))
    ran.glue.job_runs["jr_1"] = {"Id": "jr_1", "JobName": "night_job", "JobRunState": "SUCCEEDED"}
    assert completed("run", *given, incomplete="nig") == ["nightly"]
    assert completed("status", *given, incomplete="nig") == ["night_job", "nightly"]
    assert completed(incomplete="sta") == ["status"]


def test_without_a_server_nothing_is_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing is created."""
    monkeypatch.chdir(tmp_path)
    assert completed("run", incomplete="x") == []
    assert list(tmp_path.iterdir()) == []
    assert isinstance(cli, click.Group)
