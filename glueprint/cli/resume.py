"""``glueprint resume``: run chosen nodes of an ended run again, and all that follows them."""

from __future__ import annotations

from typing import Any

import click

from glueprint.cli import lookup
from glueprint.cli.follow import follow
from glueprint.cli.names import find_nodes
from glueprint.cli.output import print_json
from glueprint.cli.target import open_session, with_target
from glueprint.client.session import Target
from glueprint.facts.predicate import Node
from glueprint.workflow.wire import graph_from_wire


@click.command()
@click.argument("what", metavar="WORKFLOW|RUN")
@click.argument("run_id", required=False, metavar="[RUN]")
@click.option("--from", "names", multiple=True, required=True, metavar="NODE", help="Job or crawler; repeatable.")
@click.option("--wait", is_flag=True, help="Watch the new run to its end.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer, or the ended run, as JSON.")
@with_target
def resume(
    what: str, run_id: str | None, names: tuple[str, ...], wait: bool, as_json: bool, target: Target
) -> None:
    """Run nodes of a COMPLETED run again, and everything downstream of them, in a new run.

    The run is WORKFLOW and RUN (wr_..., or "latest", which may be left out), or RUN alone. What is not run again
    keeps its outcome. Prints the new run's id.

    Names and ids may be cut short where only one begins so. Exit codes with --wait are those of `glueprint run`.

    \b
    Examples:
      glueprint resume orders --from orders_load --wait
      glueprint resume wr_57b8 --from load --from crawler/crawl
    """
    with open_session(target) as session:
        glue = session.glue
        if run_id is None and what.startswith("wr_"):
            what, run_id = lookup.workflow_of_run(glue, what)
        run = lookup.workflow_run(glue, what, run_id)
        shape = run.get("Graph") or {}
        nodes = find_nodes(names, graph_from_wire(shape))
        name = run["Name"]
        answer = glue.resume_workflow_run(Name=name, RunId=run["WorkflowRunId"], NodeIds=_ids(shape, nodes))
        new_id = answer["RunId"]
        if not wait:
            print_json(answer) if as_json else click.echo(new_id)
            return
        click.echo(f"run {run['WorkflowRunId']} goes on as {new_id}", err=True)
        follow(session, name, new_id, as_json=as_json)


def _ids(graph: dict[str, Any], nodes: list[Node]) -> list[str]:
    """Their ids in the run's graph (``Node.UniqueId``)."""
    known = {(node["Type"], node["Name"]): node["UniqueId"] for node in graph["Nodes"]}
    return [known[node.kind.value, node.name] for node in dict.fromkeys(nodes)]
