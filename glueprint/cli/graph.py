"""``glueprint graph``: a workflow, or what surrounds a job outside workflows, as a tree or as Mermaid."""

from __future__ import annotations

from pathlib import Path

import click

from glueprint.cli.completion import names_of
from glueprint.cli.output import echo, print_json, show
from glueprint.cli.render.graph import States, mermaid, tree
from glueprint.cli.target import open_session, with_target
from glueprint.client.errors import NotFound
from glueprint.client.lookup import Lookup
from glueprint.client.resources import Resource, find_resource
from glueprint.client.runs import RunView
from glueprint.client.session import Session, Target
from glueprint.client.workflows import Surroundings, WorkflowView, standing_triggers, surroundings


@click.command()
@click.argument(
    "what",
    metavar="[WORKFLOW|KIND/NAME]",
    required=False,
    shell_complete=names_of("workflow", "job", "crawler", "trigger"),
)
@click.option("--run", "run_id", metavar="RUN_ID", help='Show the states of this run; "latest" is accepted.')
@click.option(
    "--mermaid", "file", type=click.Path(path_type=Path), metavar="FILE", help='Write Mermaid; "-": stdout.'
)
@click.option("--json", "as_json", is_flag=True, help="Print the API's graph as JSON.")
@with_target
def graph(what: str | None, run_id: str | None, file: Path | None, as_json: bool, target: Target) -> None:
    """Draw WORKFLOW: what starts what, and when; with --run also the states of a run. Without WORKFLOW: the
    triggers outside workflows.

    A job, a crawler or a trigger (job/NAME, crawler/NAME, trigger/NAME, or NAME if there is no such workflow) is
    drawn with the triggers outside workflows that lead to it or follow from it.

    NAME may be an unambiguous prefix.

    \b
    Examples:
      glueprint graph orders
      glueprint graph orders --run latest
      glueprint graph
      glueprint graph job/orders_load
      glueprint graph orders --mermaid orders.mmd
    """
    if what is None and run_id is not None:
        raise click.UsageError("--run needs the WORKFLOW of the run")
    found: WorkflowView | RunView
    states: States = {}
    standing = True
    hint: str | None = None
    with open_session(target, existing=True) as session:
        lookup = Lookup(session)
        if what is None:
            found = standing_triggers(session.glue)
        elif run_id is not None:
            found = lookup.workflow_run(what, run_id)
            states = {view.node: view.state for view in found.nodes}
            standing = False
        else:
            workflow = _workflow_or_resource(session, lookup, what)
            if isinstance(workflow, Resource):
                around = surroundings(session.glue, workflow.kind, workflow.name)
                found, hint = around.outside, _hint(around)
            else:
                found, standing = workflow, False
    if as_json:
        print_json({"Graph": found.wire.get("Graph") or {}})
        return
    if file is None:
        show(tree(found.wire["Name"], found.graph, states, standing=standing))
    elif str(file) == "-":
        echo(mermaid(found.graph, states), nl=False)
    else:
        try:
            file.write_text(mermaid(found.graph, states), "utf-8")
        except OSError as error:
            raise click.ClickException(f"cannot write {file}: {error.strerror}") from error
        echo(f"wrote {file}", err=True)
    if hint:
        echo(hint, err=True)


def _workflow_or_resource(session: Session, lookup: Lookup, what: str) -> WorkflowView | Resource:
    """Return a workflow, or which job, crawler or trigger ``what`` names.

    Raises:
        NotFound: it names none of them.
        Ambiguous: it is a prefix of several names of one kind.
    """
    try:
        if "/" not in what:
            return lookup.workflow(what)
    except NotFound as error:
        try:
            return find_resource(lookup, what, session.notify)
        except NotFound:
            raise error from None
    resource = find_resource(lookup, what, session.notify)
    return lookup.workflow(resource.name) if resource.kind == "workflow" else resource


def _hint(around: Surroundings) -> str | None:
    """Return where else something is drawn, or that no trigger refers to it."""
    name = around.outside.name
    if around.workflows:
        return "\n".join(f"{name} is in workflow {one}: glueprint graph {one}" for one in around.workflows)
    return None if around.outside.graph.triggers else f"no trigger starts or watches {name}"
