"""``glueprint graph``: a workflow as a tree, or as Mermaid."""

from __future__ import annotations

from pathlib import Path

import click

from glueprint.cli import lookup
from glueprint.cli.output import print_json, show
from glueprint.cli.render.graph import mermaid, tree
from glueprint.cli.runs import run_view
from glueprint.cli.target import open_session, with_target
from glueprint.client.session import Target
from glueprint.workflow.wire import graph_from_wire


@click.command()
@click.argument("workflow")
@click.option("--run", "run_id", metavar="RUN_ID", help='Show the states of this run; "latest" will do.')
@click.option(
    "--mermaid", "file", type=click.Path(path_type=Path), metavar="FILE", help='Write Mermaid; "-": stdout.'
)
@click.option("--json", "as_json", is_flag=True, help="Print the API's graph as JSON.")
@with_target
def graph(workflow: str, run_id: str | None, file: Path | None, as_json: bool, target: Target) -> None:
    """Draw WORKFLOW: what starts what, and when; with --run what became of it.

    WORKFLOW is its name, or a beginning that no other workflow has.

    \b
    Examples:
      glueprint graph orders
      glueprint graph orders --run latest
      glueprint graph orders --mermaid orders.mmd
    """
    with open_session(target) as session:
        if run_id is None:
            found = lookup.workflow(session.glue, workflow)
            states = {}
        else:
            found = lookup.workflow_run(session.glue, workflow, run_id)
            states = {view.node: view.state for view in run_view(found).nodes}
    shape = found.get("Graph") or {}
    if as_json:
        print_json({"Graph": shape})
        return
    drawn = graph_from_wire(shape)
    if file is None:
        show(tree(found["Name"], drawn, states))
    elif str(file) == "-":
        click.echo(mermaid(drawn, states), nl=False)
    else:
        try:
            file.write_text(mermaid(drawn, states), "utf-8")
        except OSError as error:
            raise click.ClickException(f"cannot write {file}: {error.strerror}") from error
        click.echo(f"wrote {file}", err=True)
