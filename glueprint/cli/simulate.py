"""``glueprint simulate``: what would run, without running it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click
from rich.console import Group
from rich.text import Text

from glueprint.cli import lookup
from glueprint.cli.errors import no_answer_on_error
from glueprint.cli.names import find_nodes
from glueprint.cli.output import print_json, show
from glueprint.cli.render.explain import silences
from glueprint.cli.render.simulate import findings_text, headline, rounds_table
from glueprint.cli.rounds import turns
from glueprint.cli.target import open_session, with_target
from glueprint.client.session import Target
from glueprint.facts.findings import Finding
from glueprint.facts.predicate import Node
from glueprint.facts.states import NodeKind
from glueprint.workflow.analyse import analyse
from glueprint.workflow.analyse import to_json as finding_to_json
from glueprint.workflow.explain import explain
from glueprint.workflow.explanation import Explanation
from glueprint.workflow.model import Graph
from glueprint.workflow.root_causes import silences_json
from glueprint.workflow.simulate import Simulation, SimulationError
from glueprint.workflow.simulate import simulate as simulate_run
from glueprint.workflow.wire import graph_from_wire

EXIT_FINDINGS = 1


@click.command()
@click.argument("workflow")
@click.option("--fail", "failing", multiple=True, metavar="NODE", help="A job or crawler that ends FAILED.")
@click.option("--timeout", "slow", multiple=True, metavar="JOB", help="A job that ends TIMEOUT.")
@click.option("--stop", "stopped", multiple=True, metavar="NODE", help="A job STOPPED, a crawler CANCELLED.")
@click.option("--analyse", "with_findings", is_flag=True, help="Tell also what can never run, and why.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@with_target
def simulate(
    workflow: str,
    failing: tuple[str, ...],
    slow: tuple[str, ...],
    stopped: tuple[str, ...],
    with_findings: bool,
    as_json: bool,
    target: Target,
) -> None:
    """Tell what a run of WORKFLOW would do, and what would not run and why. Nothing is started.

    Every job and crawler ends SUCCEEDED unless an option says otherwise; all options are repeatable. job/NAME and
    crawler/NAME tell two of the same name apart.

    Exit codes: 0 told, whatever would happen; 1 --analyse has found something; 2 the question could not be
    answered.

    \b
    Examples:
      glueprint simulate orders
      glueprint simulate orders --fail load --timeout report
      glueprint simulate orders --analyse
    """
    with no_answer_on_error():
        with open_session(target) as session:
            found = lookup.workflow(session.glue, workflow)
        name, graph = found["Name"], graph_from_wire(found.get("Graph") or {})
        try:
            simulation = simulate_run(graph, _outcomes(graph, failing, slow, stopped))
        except SimulationError as error:
            raise click.UsageError(str(error)) from error
    explanation = explain(simulation.to_wire())
    findings = analyse(graph) if with_findings else None
    if as_json:
        print_json(_plain(name, simulation, explanation, findings))
    else:
        _show(name, graph, simulation, explanation, findings)
    if findings:
        raise click.exceptions.Exit(EXIT_FINDINGS)


def _outcomes(
    graph: Graph, failing: Sequence[str], slow: Sequence[str], stopped: Sequence[str]
) -> dict[Node, str]:
    """How each named node is to end.

    Raises:
        click.UsageError: naming everything that is unknown, or is to end in two ways.
    """
    wanted = [(name, "FAILED") for name in failing]
    wanted += [(name, "TIMEOUT") for name in slow]
    wanted += [(name, "STOPPED") for name in stopped]
    outcomes: dict[Node, str] = {}
    problems = []
    for node, (_, end) in zip(find_nodes([name for name, _ in wanted], graph), wanted, strict=True):
        state = "CANCELLED" if end == "STOPPED" and node.kind is NodeKind.CRAWLER else end
        if outcomes.setdefault(node, state) != state:
            problems.append(f"{node.kind.lower()} {node.name!r} cannot end both {outcomes[node]} and {state}")
    if problems:
        raise click.UsageError("; ".join(problems))
    return outcomes


def _show(
    workflow: str,
    graph: Graph,
    simulation: Simulation,
    explanation: Explanation,
    findings: Sequence[Finding] | None,
) -> None:
    show(Group(headline(workflow, simulation), Text(), rounds_table(graph, turns(simulation))))
    lines = silences(graph, explanation, "WOULD NOT")
    if findings is not None:
        lines += findings_text(findings)
    if lines:
        show(Group(*lines), fold=False)


def _plain(
    workflow: str, simulation: Simulation, explanation: Explanation, findings: Sequence[Finding] | None
) -> dict[str, Any]:
    plain = {
        "workflow": workflow,
        "status": simulation.run.status.value,
        "runs": [turn.to_json() for turn in turns(simulation)],
        "silences": silences_json(explanation, explanation.silences),
    }
    return plain if findings is None else {**plain, "findings": [finding_to_json(finding) for finding in findings]}
