"""Misspelt names: the error names what does not exist, and similar names."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from harness.scripted_glue import Stage

from glueprint.cli.main import cli

Glueprint = Callable[..., Result]


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "Nigthly"),
        ("status", "nigthly", "latest"),
        ("status", "nigthly", "wr_1"),
        ("graph", "nigthly"),
        ("graph", "nigthly", "--run", "latest"),
        ("stop", "nigthly"),
        ("explain", "nigthly"),
        ("resume", "nigthly", "--from", "look"),
        ("simulate", "nigthly"),
        ("logs", "nigthly", "--run", "wr_1"),
    ],
)
def test_a_misspelt_workflow_is_named_with_similar_names(
    stage: Stage, glueprint: Glueprint, arguments: tuple[str, ...]
) -> None:
    """AWS says only "Entity not found"
    (docs/facts/protocol.md#errors); every command names it, and similar names."""
    result = glueprint(*arguments)
    assert result.exit_code == 1  # also of commands for which 1 is an answer
    assert result.stderr == f"Error: there is no workflow {arguments[1]!r}; did you mean nightly?\n"


def test_a_name_like_no_other_lists_all_names(stage: Stage, glueprint: Glueprint) -> None:
    """If no name is similar, the error lists what exists."""
    assert glueprint("run", "xyz").stderr == "Error: there is no workflow 'xyz'; there are: nightly\n"


def test_a_run_that_a_workflow_does_not_have(stage: Stage, glueprint: Glueprint) -> None:
    """The workflow exists, so it is the run that is named, and where its runs are listed."""
    result = glueprint("status", "nightly", "wr_7")
    assert result.stderr == "Error: workflow nightly has no run wr_7; `glueprint status nightly` lists its runs\n"


def test_a_misspelt_blueprint(stage: Stage, glueprint: Glueprint) -> None:
    """As for workflows; with none at all, how to get one."""
    expected = "Error: there is no blueprint 'tally'; there is none yet: `glueprint register tally` creates one\n"
    assert glueprint("create", "tally").stderr == expected
    stage.glue.blueprints["file_presence"] = {"Name": "file_presence"}
    assert "did you mean file_presence?" in glueprint("create", "file_presense").stderr


def test_a_misspelt_command() -> None:
    """click alone says only that there is no such command."""
    result = CliRunner().invoke(cli, ["simulte", "nightly"])
    assert result.exit_code == 2
    assert "No such command 'simulte'. Did you mean simulate?" in result.stderr
    assert "Did you mean" not in CliRunner().invoke(cli, ["xyz"]).stderr


def test_create_describes_the_parameters_and_creates_nothing(stage: Stage, glueprint: Glueprint) -> None:
    """An analyst sees what a blueprint wants without writing code (ParameterSpec of GetBlueprint)."""
    stage.glue.blueprints["presence"] = {"Name": "presence"}
    result = glueprint("create", "presence", "--describe")
    assert result.exit_code == 0, result.output
    lines = [line.split() for line in result.stdout.splitlines()]
    assert lines[0] == ["PARAMETER", "TYPE", "DEFAULT", "DESCRIPTION"]
    spec = json.loads(glueprint("create", "presence", "--describe", "--json").stdout)
    assert {line[0] for line in lines[1:]} == set(spec)
    assert stage.glue.sent("StartBlueprintRun") == []
