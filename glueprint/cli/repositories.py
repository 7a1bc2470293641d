"""The options that name a repository of blueprints."""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from glueprint.cli.target import report
from glueprint.client.errors import InvalidArgument
from glueprint.client.session import Session, Target
from glueprint.deploy.repository.settings import (
    ADDRESS_VARIABLE,
    SIGNERS_VARIABLE,
    Settings,
    read_settings,
    required_address,
)

if TYPE_CHECKING:  # many commands have the options, few use a repository
    from glueprint.check.subject import Subject
    from glueprint.deploy.repository.pulling import Pulled
    from glueprint.deploy.repository.stores import Store

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


@contextlib.contextmanager
def opened_repository(settings: Settings, target: Target | Session, author: str = "") -> Iterator[Store]:
    """Open the repository. A terminal shows which one, since a remote one can take seconds; no spinner: git may
    prompt for a password.

    Raises:
        InvalidArgument: none is named.
    """
    from glueprint.deploy.repository.address import open_store

    address = required_address(settings)
    if address.directory is None and sys.stderr.isatty():
        report(f"repository {address.shown} ...")
    with open_store(address, target, author, report) as store:
        yield store


def is_reference(given: str) -> bool:
    """Return whether an argument is ``NAME@VERSION``, and not a file."""
    name, at, _ = given.partition("@")
    return bool(at) and "/" not in name and not Path(given).exists()


def pulled_version(store: Store, reference: str, settings: Settings) -> Pulled:
    """Return the version that ``NAME@VERSION`` names, after digest and signature have been checked; report if it
    is withdrawn."""
    from glueprint.deploy.repository.pulling import parse_reference, pull

    pulled = pull(store, *parse_reference(reference), settings.allowed_signers)
    if pulled.entry.withdrawn is not None:
        report(f"warning: {pulled.entry.name} {pulled.entry.version} was {pulled.entry.withdrawn}")
    return pulled


@dataclass(frozen=True, slots=True)
class PublishedSubject:
    """A published blueprint, as ``check`` and ``plan`` read it, and its ``NAME@VERSION``."""

    subject: Subject
    version: str


def subject_of_version(reference: str, settings: Settings, target: Target | Session) -> PublishedSubject:
    """Return the blueprint that ``NAME@VERSION`` names."""
    from glueprint.check.subject import subject_of_zip

    with opened_repository(settings, target) as store:
        pulled = pulled_version(store, reference, settings)
    version = f"{pulled.entry.name}@{pulled.entry.version}"
    return PublishedSubject(subject_of_zip(pulled.content, pulled.entry.name, version), version)
