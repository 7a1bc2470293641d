"""Says what does not exist, and what is near it, where the API says only "Entity not found"."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import click

from glueprint.cli.errors import error_code
from glueprint.cli.near import near, some


class NoSuchName(click.ClickException):
    """There is no workflow, blueprint or crawler of that name."""


@contextlib.contextmanager
def workflow_named(glue: Any, name: str) -> Iterator[None]:
    """Around calls about a workflow.

    Raises:
        NoSuchName: something was not found, and it is the workflow.
    """
    with _named(glue, "workflow", name, ("list_workflows", "Workflows"), "glueprint create"):
        yield


@contextlib.contextmanager
def crawler_named(glue: Any, name: str) -> Iterator[None]:
    """Around calls about a crawler.

    Raises:
        NoSuchName: something was not found, and it is the crawler.
    """
    with _named(glue, "crawler", name, ("get_crawlers", "Crawlers"), "glueprint create"):
        yield


@contextlib.contextmanager
def blueprint_named(glue: Any, name: str) -> Iterator[None]:
    """Around calls about a blueprint.

    Raises:
        NoSuchName: something was not found, and it is the blueprint.
    """
    with _named(glue, "blueprint", name, ("list_blueprints", "Blueprints"), f"glueprint register {name}"):
        yield


@contextlib.contextmanager
def _named(glue: Any, kind: str, name: str, listed_by: tuple[str, str], made_by: str) -> Iterator[None]:
    try:
        yield
    except glue.exceptions.ClientError as error:
        if error_code(error) != "EntityNotFoundException":
            raise
        operation, member = listed_by
        listed = [one for page in glue.get_paginator(operation).paginate() for one in page.get(member, ())]
        names = [one if isinstance(one, str) else str(one["Name"]) for one in listed]
        if name in names:
            raise
        raise NoSuchName(f"there is no {kind} {name!r}; {_help(name, names, made_by)}") from error


def _help(name: str, names: list[str], made_by: str) -> str:
    if meant := near(name, names):
        return f"did you mean {' or '.join(meant)}?"
    return f"there are: {some(names)}" if names else f"there is none yet: `{made_by}` makes one"
