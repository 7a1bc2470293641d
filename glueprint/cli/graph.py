"""``glueprint graph``: a workflow as a tree, or as Mermaid."""

from __future__ import annotations

from pathlib import Path

import click

from glueprint.cli.completion import names_of
from glueprint.cli.output import echo, print_json, show
from glueprint.cli.render.graph import States, mermaid, tree
from glueprint.cli.target import open_session, with_target
from glueprint.client.lookup import Lookup
from glueprint.client.runs import RunView
from glueprint.client.session import Target
from glueprint.client.workflows import WorkflowView, standing_triggers


@click.command()
@click.argument("workflow", required=False, shell_complete=names_of("workflow"))
@click.option("--run", "run_id", metavar="RUN_ID", help='Show the states of this run; "latest" is accepted.')
@click.option(
    "--mermaid", "file", type=click.Path(path_type=Path), metavar="FILE", help='Write Mermaid; "-": stdout.'
)
@click.option("--json", "as_json", is_flag=True, help="Print the API's graph as JSON.")
@with_target
def graph(workflow: str | None, run_id: str | None, file: Path | None, as_json: bool, target: Target) -> None:
    """Draw WORKFLOW: what starts what, and when; with --run also the states of a run. Without WORKFLOW: the
    triggers outside workflows.

    WORKFLOW is a name, or an unambiguous prefix of one.

    \b
    Examples:
      glueprint graph orders
      glueprint graph orders --run latest
      glueprint graph
      glueprint graph orders --mermaid orders.mmd
    """
    if workflow is None and run_id is not None:
        raise click.UsageError("--run needs the WORKFLOW of the run")
    found: WorkflowView | RunView
    states: States = {}
    with open_session(target, existing=True) as session:
        lookup = Lookup(session)
        if workflow is None:
            found = standing_triggers(session.glue)
        elif run_id is None:
            found = lookup.workflow(workflow)
        else:
            found = lookup.workflow_run(workflow, run_id)
            states = {view.node: view.state for view in found.nodes}
    if as_json:
        print_json({"Graph": found.wire.get("Graph") or {}})
        return
    if file is None:
        show(tree(found.wire["Name"], found.graph, states, standing=workflow is None))
    elif str(file) == "-":
        echo(mermaid(found.graph, states), nl=False)
    else:
        try:
            file.write_text(mermaid(found.graph, states), "utf-8")
        except OSError as error:
            raise click.ClickException(f"cannot write {file}: {error.strerror}") from error
        echo(f"wrote {file}", err=True)
