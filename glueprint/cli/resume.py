"""``glueprint resume``: run chosen nodes of an ended run again, and all that follows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from glueprint.cli.follow import follow
from glueprint.cli.output import echo, print_json
from glueprint.cli.target import open_session, with_target
from glueprint.client.graph_names import find_nodes
from glueprint.client.lookup import Lookup
from glueprint.client.session import Target
from glueprint.facts.predicate import Node


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

    The run is WORKFLOW and RUN (wr_..., or "latest", which is the default), or RUN alone. What is not run again
    keeps its outcome. The new run's id is printed.

    Any unambiguous prefix of a name or id works. Exit codes with --wait are those of `glueprint run`.

    \b
    Examples:
      glueprint resume orders --from orders_load --wait
      glueprint resume wr_57b8 --from load --from crawler/crawl
    """
    with open_session(target, existing=True) as session:
        lookup = Lookup(session)
        if run_id is None and what.startswith("wr_"):
            what, run_id = lookup.workflow_of_run(what)
        run = lookup.workflow_run(what, run_id)
        nodes = find_nodes(names, run.graph, session.notify)
        answer = session.glue.resume_workflow_run(
            Name=run.workflow, RunId=run.run_id, NodeIds=_ids(run.wire.get("Graph") or {}, nodes)
        )
        new_id = answer["RunId"]
        if not wait:
            print_json(answer) if as_json else echo(new_id)
            return
        echo(f"run {run.run_id} continues as {new_id}", err=True)
        follow(session, run.workflow, new_id, as_json=as_json)


def _ids(graph: Mapping[str, Any], nodes: list[Node]) -> list[str]:
    """Return their ids in the run's graph (``Node.UniqueId``)."""
    known = {(node["Type"], node["Name"]): node["UniqueId"] for node in graph["Nodes"]}
    return [known[node.kind.value, node.name] for node in dict.fromkeys(nodes)]
