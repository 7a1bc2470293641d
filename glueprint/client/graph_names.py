"""The jobs, crawlers and triggers of a graph by the names that users give: full names, or prefixes that match one.

A blueprint gives its resources names that end in random letters, so prefixes save typing. ``job/NAME``,
``crawler/NAME`` and ``trigger/NAME`` match one kind only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from glueprint.client.errors import GlueprintError, InvalidArgument, NotFound
from glueprint.client.names import did_you_mean, listed, only_match, with_prefix
from glueprint.facts.predicate import Node
from glueprint.facts.states import NodeKind
from glueprint.workflow.explanation import Subject
from glueprint.workflow.model import Graph

_TRIGGER = "TRIGGER"


def find_subjects(name: str, graph: Graph, notify: Callable[[str], None]) -> list[Subject]:
    """Return what ``name`` matches in a graph: more than one if a job and a trigger have the same full name.

    Raises:
        NotFound: nothing has that name or prefix.
        Ambiguous: the prefix matches several names.
    """
    known = [*(Subject.of(node) for node in graph.nodes), *(Subject(_TRIGGER, one) for one in graph.by_name)]
    found = _exact(name, known) or _by_prefix(name, known, notify)
    if not found:
        raise _not_found(name, known)
    return found


def find_nodes(names: Iterable[str], graph: Graph, notify: Callable[[str], None]) -> list[Node]:
    """Return one job or crawler for each name.

    Raises:
        InvalidArgument: a name is unknown, ambiguous, or that of a trigger; the message has a line for each.
    """
    known = [Subject.of(node) for node in graph.nodes]
    triggers = [Subject(_TRIGGER, one) for one in graph.by_name]
    found = [_node_or_problem(name, known, triggers, notify) for name in names]
    problems = [str(one) for one in found if isinstance(one, GlueprintError)]
    if problems:
        raise InvalidArgument("\n".join(problems))
    return [one for one in found if isinstance(one, Node)]


def _node_or_problem(
    name: str, nodes: Sequence[Subject], triggers: Sequence[Subject], notify: Callable[[str], None]
) -> Node | GlueprintError:
    try:
        return _node(name, nodes, triggers, notify)
    except GlueprintError as error:
        return error


def _node(name: str, nodes: Sequence[Subject], triggers: Sequence[Subject], notify: Callable[[str], None]) -> Node:
    found = _exact(name, nodes)
    if not found and _exact(name, triggers):
        raise InvalidArgument(f"{name!r} is a trigger", "name a job or a crawler")
    found = found or _by_prefix(name, nodes, notify)
    if len(found) > 1:
        raise InvalidArgument(f"{name!r} is a job and a crawler", f"write job/{name} or crawler/{name}")
    if not found:
        raise _not_found(name, nodes)
    return Node(NodeKind(found[0].kind), found[0].name)


def _exact(name: str, known: Sequence[Subject]) -> list[Subject]:
    return [one for one in known if one.name == name] or [one for one in known if _label(one) == name]


def _by_prefix(name: str, known: Sequence[Subject], notify: Callable[[str], None]) -> list[Subject]:
    labels = {_label(one): one for one in known}
    matches = [label for label, one in labels.items() if with_prefix(name, [label if "/" in name else one.name])]
    return [labels[only_match(name, matches, notify)]] if matches else []


def _label(subject: Subject) -> str:
    return f"{subject.kind.lower()}/{subject.name}"


def _not_found(name: str, known: Sequence[Subject]) -> NotFound:
    names = list(dict.fromkeys(one.name for one in known))
    message = f"the workflow has no {name!r}"
    if not names:
        return NotFound(message, "it is empty")
    return NotFound(message, did_you_mean(name, names) or f"it has: {listed(names)}")
