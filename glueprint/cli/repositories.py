"""The options that name a repository of blueprints."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import click

from glueprint.client.errors import InvalidArgument
from glueprint.deploy.repository.settings import ADDRESS_VARIABLE, SIGNERS_VARIABLE, Settings, read_settings

F = TypeVar("F", bound=Callable[..., Any])


def with_repository(command: F) -> F:
    """Add ``--repository`` and ``--allowed-signers`` to a command. It receives ``settings``."""

    @functools.wraps(command)
    def with_options(*args: Any, **kwargs: Any) -> Any:
        try:
            settings: Settings = read_settings(kwargs.pop("repository"), kwargs.pop("allowed_signers"))
        except InvalidArgument as error:
            raise click.UsageError(str(error), click.get_current_context()) from error
        return command(*args, settings=settings, **kwargs)

    wrapped: Any = with_options
    for option in (
        click.option(
            "--allowed-signers",
            metavar="FILE",
            help=f"Require a signature of one of these signers.  [env var: {SIGNERS_VARIABLE}]",
        ),
        click.option(
            "--repository",
            metavar="ADDRESS",
            help=f"A directory, s3://BUCKET/PREFIX or a git repository.  [env var: {ADDRESS_VARIABLE}]",
        ),
    ):
        wrapped = option(wrapped)
    return wrapped  # type: ignore[no-any-return]
