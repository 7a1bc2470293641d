"""Jobs, crawlers and triggers by the names that people type: whole, or an unambiguous beginning (what a blueprint
makes ends in random letters); with the near names where there is none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import click

from glueprint.cli.missing import only
from glueprint.cli.near import begun, near, some
from glueprint.facts.predicate import Node
from glueprint.facts.states import NodeKind
from glueprint.workflow.explanation import Subject
from glueprint.workflow.model import Graph


def subjects(graph: Graph) -> list[Subject]:
    """Everything in a workflow that has a name: its jobs and crawlers, then its triggers."""
    return [*(Subject.of(node) for node in graph.nodes), *(Subject("TRIGGER", name) for name in graph.by_name)]


def find(given: str, graph: Graph) -> list[Subject]:
    """What ``given`` names; ``job/NAME``, ``crawler/NAME`` and ``trigger/NAME`` name one kind only.

    Raises:
        click.UsageError: nothing has that name, or several names begin so.
    """
    known = subjects(graph)
    found = _exactly(given, known) or _begun(given, known)
    if not found:
        raise click.UsageError(_unknown(given, known))
    return found


def find_nodes(given: Iterable[str], graph: Graph) -> list[Node]:
    """One job or crawler for each name.

    Raises:
        click.UsageError: naming all that are unknown, are triggers, or could be more than one.
    """
    problems: list[str] = []
    nodes: list[Node] = []
    known = subjects(graph)
    for name in given:
        try:
            nodes.append(_node(name, known))
        except click.ClickException as error:
            problems.append(error.message)
    if problems:
        raise click.UsageError("; ".join(problems))
    return nodes


def _node(given: str, known: Sequence[Subject]) -> Node:
    exact = _exactly(given, known)
    able = [one for one in exact or known if one.kind != "TRIGGER"]
    meant = able if exact else _begun(given, able)
    if exact and not able:
        raise click.UsageError(f"{given!r} is a trigger: name a job or a crawler")
    if len(meant) > 1:
        raise click.UsageError(f"{given!r} is a job and a crawler: write job/{given} or crawler/{given}")
    if not meant:
        raise click.UsageError(_unknown(given, able))
    return Node(NodeKind(meant[0].kind), meant[0].name)


def _exactly(given: str, known: Sequence[Subject]) -> list[Subject]:
    exact = [one for one in known if one.name == given]
    return exact or [one for one in known if _label(one) == given]


def _begun(given: str, known: Sequence[Subject]) -> list[Subject]:
    """The one thing whose name begins with ``given``; empty when there is none.

    Raises:
        NoSuchName: there are several.
    """
    labels = {_label(one): one for one in known}
    meant = [label for label, one in labels.items() if begun(given, [label if "/" in given else one.name])]
    return [labels[only(given, meant)]] if meant else []


def _label(subject: Subject) -> str:
    return f"{subject.kind.lower()}/{subject.name}"


def _unknown(given: str, known: Sequence[Subject]) -> str:
    names = list(dict.fromkeys(one.name for one in known))
    if meant := near(given, names):
        return f"the workflow has no {given!r}; near it: {', '.join(meant)}"
    if not names:
        return f"the workflow has no {given!r}: it is empty"
    return f"the workflow has no {given!r}; it has: {some(names)}"
