"""Names of what a Glue holds: told from their beginnings
(docs/decisions/commands.md), and what is near one that it does
not hold, where the API says only "Entity not found"."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import click

from glueprint.cli.near import begun, near, several, some
from glueprint.client.errors import error_code


class NoSuchName(click.ClickException):
    """There is no workflow, blueprint or crawler of that name, or more than one could be meant."""


def workflow_named(glue: Any, given: str) -> dict[str, Any]:
    """The workflow with this name, or with a name that begins so, with its graph (GetWorkflow's ``Workflow``).

    An exact name wins. A beginning that was completed is told on stderr.

    Raises:
        NoSuchName: there is none, or several begin so.
    """
    found = _workflow(glue, given) if given else None
    if found is not None:
        return found
    names = workflow_names(glue)
    meant = begun(given, names)
    if not meant:
        raise NoSuchName(f"there is no workflow {given!r}; {_help(given, names, 'glueprint create')}")
    found = _workflow(glue, only(given, meant))
    if found is None:
        raise NoSuchName(f"workflow {meant[0]} has just been deleted")
    return found


def workflow_names(glue: Any) -> list[str]:
    """The names of all workflows."""
    return [str(name) for page in glue.get_paginator("list_workflows").paginate() for name in page["Workflows"]]


def only(given: str, meant: list[str]) -> str:
    """The one name that ``given`` is the beginning of; which one is told on stderr.

    Args:
        meant: the names that begin so, at least one.

    Raises:
        NoSuchName: there are several.
    """
    if len(meant) > 1:
        raise NoSuchName(f"{several(given, meant)}; give enough of the name")
    if meant != [given]:
        click.echo(f"{given} stands for {meant[0]}", err=True)
    return meant[0]


def _workflow(glue: Any, name: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = glue.get_workflow(Name=name, IncludeGraph=True)["Workflow"]
    except glue.exceptions.ClientError as error:
        if error_code(error) != "EntityNotFoundException":
            raise
        return None
    return found


def crawler_named(glue: Any, given: str) -> str:
    """The name of the crawler with this name, or with one that begins so.

    An exact name wins. A beginning that was completed is told on stderr.

    Raises:
        NoSuchName: there is none, or several begin so.
    """
    if given and _has_crawler(glue, given):
        return given
    pages = glue.get_paginator("get_crawlers").paginate()  # boto3 has no paginator for ListCrawlers
    names = [str(crawler["Name"]) for page in pages for crawler in page["Crawlers"]]
    meant = begun(given, names)
    if not meant:
        raise NoSuchName(f"there is no crawler {given!r}; {_help(given, names, 'glueprint create')}")
    return only(given, meant)


def _has_crawler(glue: Any, name: str) -> bool:
    try:
        glue.get_crawler(Name=name)
    except glue.exceptions.ClientError as error:
        if error_code(error) != "EntityNotFoundException":
            raise
        return False
    return True


@contextlib.contextmanager
def blueprint_named(glue: Any, name: str) -> Iterator[None]:
    """Around calls about a blueprint.

    Raises:
        NoSuchName: something was not found, and it is the blueprint.
    """
    try:
        yield
    except glue.exceptions.ClientError as error:
        if error_code(error) != "EntityNotFoundException":
            raise
        pages = glue.get_paginator("list_blueprints").paginate()
        names = [str(one) for page in pages for one in page["Blueprints"]]
        if name in names:
            raise
        told = f"there is no blueprint {name!r}; {_help(name, names, f'glueprint register {name}')}"
        raise NoSuchName(told) from error


def _help(name: str, names: list[str], made_by: str) -> str:
    if meant := near(name, names):
        return f"did you mean {' or '.join(meant)}?"
    return f"there are: {some(names)}" if names else f"there is none yet: `{made_by}` makes one"
