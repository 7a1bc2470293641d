"""``glueprint env``: the environment variables that direct AWS clients to the local Glue, as shell lines."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path

import click

from glueprint.cli.target import data_dir_option
from glueprint.client.aws_environment import overriding, variables
from glueprint.client.servers import running_server


@click.command()
@data_dir_option
@click.option("--json", "as_json", is_flag=True, help="Print the variables as JSON.")
def env(data_dir: Path, as_json: bool) -> None:
    """Print shell lines that direct AWS clients (boto3, the AWS CLI) to the local Glue.

    \b
    Examples:
      eval "$(glueprint env)"
      eval "$(glueprint env --data-dir /tmp/glue)"
      glueprint env --json
    """
    endpoint = running_server(data_dir)
    if endpoint is None:
        raise click.ClickException(
            f"no local Glue is running on {data_dir}; start one with `glueprint serve`, or name its --data-dir"
        )
    exported = variables(endpoint)
    if as_json:
        click.echo(json.dumps(exported, indent=2))
        return
    for line in shell_lines(exported, overriding(os.environ)):
        click.echo(line)


def shell_lines(exported: Mapping[str, str], unset: Iterable[str]) -> list[str]:
    """Return lines for ``eval`` in a POSIX shell."""
    return [
        *(f"export {name}={shlex.quote(value)}" for name, value in exported.items()),
        *(f"unset {name}" for name in unset),
    ]
