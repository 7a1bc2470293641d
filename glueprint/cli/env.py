"""``glueprint env``: shell lines that point any AWS client at the local Glue."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path

import click

from glueprint.cli.session import Endpoint, data_dir_option, running_server

_OVERRIDING = (
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_REGION",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
)
"""Variables that win over the ones we export, or break an own endpoint (SDKs and tools reference guide)."""


@click.command()
@data_dir_option
@click.option("--json", "as_json", is_flag=True, help="Print the variables as JSON.")
def env(data_dir: Path, as_json: bool) -> None:
    """Print what points AWS clients (boto3, the AWS CLI) at the local Glue.

    \b
    Examples:
      eval "$(glueprint env)"
      eval "$(glueprint env --data-dir /tmp/glue)"
      glueprint env --json
    """
    endpoint = running_server(data_dir)
    if endpoint is None:
        raise click.ClickException(
            f"no local Glue is running on {data_dir}: start one with `glueprint serve`, or name its --data-dir"
        )
    exported = exports(endpoint)
    if as_json:
        click.echo(json.dumps(exported, indent=2))
        return
    for line in shell_lines(exported, overriding(os.environ)):
        click.echo(line)


def exports(endpoint: Endpoint) -> dict[str, str]:
    """The variables that every AWS client reads."""
    return {
        "AWS_ENDPOINT_URL": endpoint.url,
        "AWS_ACCESS_KEY_ID": endpoint.access_key,
        "AWS_SECRET_ACCESS_KEY": endpoint.secret_key,
        "AWS_DEFAULT_REGION": endpoint.region,
    }


def overriding(environment: Mapping[str, str]) -> list[str]:
    """The variables to unset: always the same ones, and any endpoint for a single service that is set."""
    single = sorted(name for name in environment if name.startswith("AWS_ENDPOINT_URL_"))
    return [*_OVERRIDING, *single]


def shell_lines(exported: Mapping[str, str], unset: Iterable[str]) -> list[str]:
    """Lines for ``eval`` in a POSIX shell."""
    return [
        *(f"export {name}={shlex.quote(value)}" for name, value in exported.items()),
        *(f"unset {name}" for name in unset),
    ]
