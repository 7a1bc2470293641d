"""A simulated run and the findings of an analysis on the screen."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from glueprint.cli.render.graph import condition
from glueprint.cli.render.tables import plain_table
from glueprint.cli.render.words import count, sentence, state_text
from glueprint.client.simulated_rounds import SimulatedStart
from glueprint.facts.findings import Finding
from glueprint.workflow.analyse import Rule
from glueprint.workflow.model import Graph
from glueprint.workflow.simulate import Simulation


def headline(workflow: str, simulation: Simulation) -> Text:
    """Return the simulated run in one line."""
    run = simulation.run
    nodes = count(len(run.graph.nodes), "node")
    would = f"{len(run.graph.nodes) - len(simulation.not_run)} of {nodes} would run"
    return Text.assemble((workflow, "bold"), "  simulated  ", state_text(run.status.value), "  ", would)


def rounds_table(graph: Graph, starts: Sequence[SimulatedStart]) -> Table:
    """Return a table of what would run, in which round, how it would end and what would start it."""
    return plain_table(
        ("ROUND", "NODE", "KIND", "ENDS", "STARTED BY"),
        [
            (
                str(start.round),
                Text(start.name),
                start.kind.lower(),
                state_text(start.state),
                Text(f"{start.trigger}, {condition(graph.by_name[start.trigger])}"),
            )
            for start in starts
        ],
    )


def findings_text(findings: Sequence[Finding]) -> list[Text]:
    """Return the findings, which are true of every run, each with its shortest proof."""
    if not findings:
        return [Text(), Text("ANALYSIS  nothing found", "bold")]
    lines = [Text(), Text(f"ANALYSIS  {count(len(findings), 'finding')}", "bold")]
    for finding in findings:
        lines.append(sentence(f"{Rule(finding.rule).name}: {finding.message}", 2))
        lines += [sentence(step, 6) for step in finding.steps]
    return lines
