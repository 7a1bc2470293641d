"""``glueprint simulate``: what would run, without running it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click
from rich.console import Group
from rich.text import Text

from glueprint.cli.output import print_json, show
from glueprint.cli.render.explain import silences
from glueprint.cli.render.simulate import findings_text, headline, rounds_table
from glueprint.cli.target import open_session, with_target
from glueprint.client.graph_names import find_nodes
from glueprint.client.lookup import Lookup
from glueprint.client.session import Notify, Target
from glueprint.client.simulated_rounds import simulated_rounds
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

EXIT_FINDINGS = 1


@click.command()
@click.argument("workflow")
@click.option("--fail", "failing", multiple=True, metavar="NODE", help="A job or crawler that ends FAILED.")
@click.option("--timeout", "slow", multiple=True, metavar="JOB", help="A job that ends TIMEOUT.")
@click.option("--stop", "stopped", multiple=True, metavar="NODE", help="A job STOPPED, a crawler CANCELLED.")
@click.option("--analyse", "with_findings", is_flag=True, help="Report also what can never run, and why.")
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
    """Show what a run of WORKFLOW would do, and what would not run and why. Nothing is started.

    Every job and crawler ends SUCCEEDED unless an option names it; all options are repeatable. Write job/NAME or
    crawler/NAME where a job and a crawler have the same name.

    Exit codes: 0 the simulation is shown, whatever its result; 1 --analyse has found something, or there is
    no such workflow; 2 a mistake in the arguments.

    \b
    Examples:
      glueprint simulate orders
      glueprint simulate orders --fail load --timeout report
      glueprint simulate orders --analyse
    """
    with open_session(target, existing=True) as session:
        found = Lookup(session).workflow(workflow)
    name, graph = found.name, found.graph
    try:
        simulation = simulate_run(graph, _outcomes(graph, failing, slow, stopped, session.notify))
    except SimulationError as error:
        raise click.UsageError(str(error)) from error
    explanation = explain(simulation.to_wire())
    findings = analyse(graph) if with_findings else None
    if as_json:
        print_json(_to_json(name, simulation, explanation, findings))
    else:
        _show(name, graph, simulation, explanation, findings)
    if findings:
        raise click.exceptions.Exit(EXIT_FINDINGS)


def _outcomes(
    graph: Graph, failing: Sequence[str], slow: Sequence[str], stopped: Sequence[str], notify: Notify
) -> dict[Node, str]:
    """Return the state in which each named node ends.

    Raises:
        InvalidArgument: it names everything that is unknown.
        click.UsageError: it names everything that cannot end in two states.
    """
    wanted = [(name, "FAILED") for name in failing]
    wanted += [(name, "TIMEOUT") for name in slow]
    wanted += [(name, "STOPPED") for name in stopped]
    outcomes: dict[Node, str] = {}
    problems = []
    for node, (_, end) in zip(find_nodes([name for name, _ in wanted], graph, notify), wanted, strict=True):
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
    show(Group(headline(workflow, simulation), Text(), rounds_table(graph, simulated_rounds(simulation))))
    lines = silences(graph, explanation, "WOULD NOT")
    if findings is not None:
        lines += findings_text(findings)
    if lines:
        show(Group(*lines), fold=False)


def _to_json(
    workflow: str, simulation: Simulation, explanation: Explanation, findings: Sequence[Finding] | None
) -> dict[str, Any]:
    data = {
        "workflow": workflow,
        "status": simulation.run.status.value,
        "runs": [start.to_json() for start in simulated_rounds(simulation)],
        "silences": silences_json(explanation, explanation.silences),
    }
    return data if findings is None else {**data, "findings": [finding_to_json(finding) for finding in findings]}
