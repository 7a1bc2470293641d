"""Jobs, crawlers and triggers by the names that people type, with the near names where there is none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import click

from glueprint.cli.near import near, some
from glueprint.workflow.explanation import Subject
from glueprint.workflow.model import Graph, Node, NodeKind


def subjects(graph: Graph) -> list[Subject]:
    """Everything in a workflow that has a name: its jobs and crawlers, then its triggers."""
    return [*(Subject.of(node) for node in graph.nodes), *(Subject("TRIGGER", name) for name in graph.by_name)]


def find(given: str, graph: Graph) -> list[Subject]:
    """What ``given`` names; ``job/NAME``, ``crawler/NAME`` and ``trigger/NAME`` name one kind only.

    Raises:
        click.UsageError: nothing has that name.
    """
    known = subjects(graph)
    found = _find(given, known)
    if not found:
        raise click.UsageError(_unknown(given, known))
    return found


def find_nodes(given: Iterable[str], graph: Graph) -> list[Node]:
    """One job or crawler for each name.

    Raises:
        click.UsageError: naming all that are unknown, are triggers, or could be a job and a crawler.
    """
    problems: list[str] = []
    nodes: list[Node] = []
    known = subjects(graph)
    for name in given:
        found = _find(name, known)
        able = [one for one in found if one.kind != "TRIGGER"]
        if len(able) == 1:
            nodes.append(Node(NodeKind(able[0].kind), able[0].name))
        elif able:
            problems.append(f"{name!r} is a job and a crawler: write job/{name} or crawler/{name}")
        elif found:
            problems.append(f"{name!r} is a trigger: name a job or a crawler")
        else:
            problems.append(_unknown(name, [one for one in known if one.kind != "TRIGGER"]))
    if problems:
        raise click.UsageError("; ".join(problems))
    return nodes


def _find(given: str, known: Sequence[Subject]) -> list[Subject]:
    exact = [one for one in known if one.name == given]
    return exact or [one for one in known if f"{one.kind.lower()}/{one.name}" == given]


def _unknown(given: str, known: Sequence[Subject]) -> str:
    names = list(dict.fromkeys(one.name for one in known))
    if meant := near(given, names):
        return f"the workflow has no {given!r}; near it: {', '.join(meant)}"
    if not names:
        return f"the workflow has no {given!r}: it is empty"
    return f"the workflow has no {given!r}; it has: {some(names)}"
