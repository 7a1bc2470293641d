"""The commands in the blueprints' READMEs: each is one that the command line accepts."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import click
import pytest

from glueprint.blueprint.bundler import catalogue_names
from glueprint.cli.arguments import pairs
from glueprint.cli.main import cli

ROOT = Path(__file__).parents[2]


def commands(text: str) -> list[list[str]]:
    """Return the words of each glueprint command in code blocks; continued lines are joined.

    A command whose words another command makes, ``$(...)``, is left out.
    """
    joined = re.sub(r"\\\n[ >]*", " ", text)
    lines = re.findall(r"^(?: {4}|\$ |)(glueprint .*)$", joined, re.MULTILINE)
    found = [part for line in lines if "$(" not in line for part in line.split(" && ")]
    own = [part for part in found if part.startswith("glueprint")]
    return [shlex.split(one.partition(" | ")[0], comments=True)[1:] for one in own]


@pytest.mark.parametrize("name", catalogue_names(ROOT))
def test_commands_can_be_typed(name: str) -> None:
    """Every command, option and number of arguments exists, and parameters are those of the blueprint."""
    parameters = json.loads((ROOT / "blueprints" / name / "blueprint.cfg").read_text())["parameterSpec"]
    found = commands((ROOT / "blueprints" / name / "README.md").read_text())
    assert found, "an analyst is shown no command"
    for words in found:
        with click.Context(cli, info_name="glueprint") as context:
            command_name, command, rest = cli.resolve_command(context, list(words))
            assert command is not None
            while isinstance(command, click.Group):
                command_name, command, rest = command.resolve_command(context, rest)
                assert command is not None
            try:
                parsed = command.make_context(command_name, list(rest), parent=context)
            except click.ClickException as error:
                pytest.fail(f"glueprint {shlex.join(words)}: {error.format_message()}")
        if parsed.params.get("blueprint") == name and "given" in parsed.params:
            given = {one for one, _ in pairs(parsed.params["given"], "--param")}
            assert given <= set(parameters), words
