"""The options that choose a Glue, and sessions that report to stderr."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import click

from glueprint.cli.output import echo
from glueprint.client import session
from glueprint.client.data_dirs import DEFAULT_DATA_DIR, find_data_dir
from glueprint.client.errors import InvalidArgument
from glueprint.client.session import DEFAULT_REGION, Session, Target

F = TypeVar("F", bound=Callable[..., Any])


def with_target(command: F) -> F:
    """Add the options that choose a Glue to a command. The command receives them as ``target``.

    An argument that the client room cannot use becomes a usage error of the command.
    """

    @functools.wraps(command)
    def with_options(*args: Any, **kwargs: Any) -> Any:
        context = click.get_current_context()
        given = context.get_parameter_source("data_dir") is not click.core.ParameterSource.DEFAULT
        endpoint_url, aws = kwargs.pop("endpoint_url"), kwargs.pop("aws")
        if aws and endpoint_url:
            raise click.UsageError("--aws and --endpoint-url exclude each other")
        target = Target(endpoint_url, aws, kwargs.pop("data_dir"), given, kwargs.pop("region"))
        try:
            return command(*args, target=target, **kwargs)
        except InvalidArgument as error:
            raise click.UsageError(str(error), context) from error

    wrapped: Any = with_options
    for option in (
        click.option("--region", help=f"AWS region; local default {DEFAULT_REGION}."),
        data_dir_option,
        click.option("--endpoint-url", metavar="URL", help="Use the Glue at this endpoint."),
        click.option("--aws", is_flag=True, help="Use AWS, with your own credentials."),
    ):
        wrapped = option(wrapped)
    return wrapped  # type: ignore[no-any-return]


def data_dir_option(command: F) -> F:
    """Add ``--data-dir`` to a command."""
    return click.option(
        "--data-dir",
        type=click.Path(path_type=Path),
        default=Path(DEFAULT_DATA_DIR),
        show_default=True,
        envvar="GLUEPRINT_DATA_DIR",
        callback=_nearest,
        help="Directory of the local Glue's data; by default the nearest one in or above the working directory.",
    )(command)


def _nearest(context: click.Context, parameter: click.Parameter, value: Path) -> Path:
    """Return the data directory that was given, or else the nearest one."""
    given = context.get_parameter_source(parameter.name or "") is not click.core.ParameterSource.DEFAULT
    return value if given else find_data_dir()


@contextlib.contextmanager
def open_session(target: Target, *, existing: bool = False) -> Iterator[Session]:
    """Open a session for ``target``; started servers and completed names are reported on stderr.

    Args:
        target: which Glue.
        existing: for commands that need what others have created: never create a data directory.

    Raises:
        GlueprintError: no server could be started, or the target's endpoint is not a URL.
    """
    with session.open_session(target, notify=report, existing=existing) as opened:
        yield opened


def report(line: str) -> None:
    """Print a line for the user to stderr: stdout is for results."""
    echo(line, err=True)
