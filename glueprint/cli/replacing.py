"""Replacing a workflow: ``create --replace``."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import click

from glueprint.cli.output import echo
from glueprint.client.deletion import delete_nodes, delete_resources, plan_deletion, restore_workflow
from glueprint.client.errors import NotFound
from glueprint.client.session import Session

NAMING_PARAMETER = "WorkflowName"


@contextlib.contextmanager
def replacing(session: Session, values: Mapping[str, Any]) -> Iterator[None]:
    """Wrap a blueprint run that replaces a workflow, if there is one of that name.

    The workflow and its triggers are deleted first, because their names would clash; its jobs and crawlers, whose
    names have a random suffix, at the end. If the wrapped run fails, workflow and triggers are created again.

    Args:
        session: the Glue.
        values: the blueprint's parameters; ``WorkflowName`` names the workflow.

    Raises:
        click.UsageError: there is no such parameter.
    """
    name = values.get(NAMING_PARAMETER)
    if not isinstance(name, str) or not name:
        raise click.UsageError(
            f"--replace needs the parameter {NAMING_PARAMETER}, which names the workflow; "
            "for this blueprint, use `glueprint delete WORKFLOW` first"
        )
    try:
        plan = plan_deletion(session, name)
    except NotFound:
        yield  # there is nothing to replace
        return
    delete_resources(session, plan, nodes=False)
    try:
        yield
    except Exception:
        if plan.definition is not None:
            restore_workflow(session, plan)
            echo(f"the old workflow {name} was created again; it does not refer to its blueprint", err=True)
        raise
    delete_nodes(session, plan)
    echo(f"replaced workflow {name}", err=True)
