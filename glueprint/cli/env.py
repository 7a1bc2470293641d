"""``glueprint env``: the environment variables that direct AWS clients to the local Glue, as shell lines."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import click

from glueprint.cli.output import echo
from glueprint.cli.target import data_dir_option, report
from glueprint.client.aws_environment import AIRFLOW_VARIABLE, airflow_connection, overriding, variables
from glueprint.client.servers import Endpoint, running_server
from glueprint.client.starting_servers import wait_for_starting_server

NOWHERE = Endpoint("http://127.0.0.1:9", "no-local-glue", "no-local-glue", "us-east-1")
"""Nothing listens at the port "discard". A shell that evaluates the lines and goes on with the commands of a page
would else use the user's own account."""


@click.command()
@data_dir_option
@click.option("--json", "as_json", is_flag=True, help="Print the variables as JSON.")
@click.option("--airflow", is_flag=True, help="Print Airflow's connection aws_default instead.")
@click.option(
    "--endpoint-host",
    metavar="NAME",
    help="The server's name as the client sees it, such as host.docker.internal (see serve --allow-host).",
)
def env(data_dir: Path, as_json: bool, airflow: bool, endpoint_host: str | None) -> None:
    """Print shell lines that direct AWS clients (boto3, the AWS CLI) to the local Glue.

    If none is running, the command fails, and the lines direct clients to an address at which nothing listens: the
    commands that follow in a script do not reach an AWS account.

    \b
    Examples:
      eval "$(glueprint env)"
      eval "$(glueprint env --data-dir /tmp/glue)"
      glueprint env --json
      eval "$(glueprint env --airflow)"
      glueprint env --airflow --endpoint-host host.docker.internal --json
    """
    endpoint = running_server(data_dir) or wait_for_starting_server(data_dir, report)
    if endpoint is None:
        problem = f"no local Glue is running on {data_dir}"
        remedy = "start one with `glueprint serve`, or name its --data-dir"
        if as_json:
            raise click.ClickException(f"{problem}; {remedy}")
        for line in _shell_lines(NOWHERE, airflow):
            echo(line)
        raise click.ClickException(
            f"{problem}; {remedy}; until then these lines keep requests from reaching an AWS account"
        )
    if endpoint_host is not None:
        endpoint = replace(endpoint, url=f"http://{endpoint_host}:{urlsplit(endpoint.url).port}")
    if as_json:
        echo(json.dumps(airflow_connection(endpoint) if airflow else variables(endpoint), indent=2))
        return
    for line in _shell_lines(endpoint, airflow):
        echo(line)


def _shell_lines(endpoint: Endpoint, airflow: bool) -> list[str]:
    if airflow:
        return [f"export {AIRFLOW_VARIABLE}={shlex.quote(json.dumps(airflow_connection(endpoint)))}"]
    return shell_lines(variables(endpoint), overriding(os.environ))


def shell_lines(exported: Mapping[str, str], unset: Iterable[str]) -> list[str]:
    """Return lines for ``eval`` in a POSIX shell."""
    return [
        *(f"export {name}={shlex.quote(value)}" for name, value in exported.items()),
        *(f"unset {name}" for name in unset),
    ]
