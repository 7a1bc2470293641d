"""A workflow's graph: a tree for terminals, Mermaid for documents."""

from __future__ import annotations

from collections.abc import Mapping

from rich.text import Text
from rich.tree import Tree

from glueprint.cli.render.words import state_text
from glueprint.facts.predicate import Logical, Node
from glueprint.facts.states import NodeKind, TriggerType
from glueprint.workflow.model import Graph, Trigger

States = Mapping[Node, str | None]
"""The state of each node in a run; empty for a workflow without a run."""

_COLOURS = {
    "SUCCEEDED": "fill:#d5f5d5,stroke:#2e8b57",
    "FAILED": "fill:#f8d7da,stroke:#b02a37",
    "ERROR": "fill:#f8d7da,stroke:#b02a37",
    "TIMEOUT": "fill:#f8d7da,stroke:#b02a37",
    "STOPPED": "fill:#fff3cd,stroke:#997404",
    "CANCELLED": "fill:#fff3cd,stroke:#997404",
    "RUNNING": "fill:#cfe2ff,stroke:#084298",
}


def tree(workflow: str, graph: Graph, states: States, *, standing: bool = False) -> Tree:
    """Return the workflow from its start: below each trigger what it starts, below each node the triggers that
    watch it.

    A trigger that watches several nodes is drawn below the first of them, with all its conditions.
    ``standing``: the triggers are outside workflows.
    """
    root = Tree(Text(workflow, "bold"), guide_style="dim")
    drawn: set[str] = set()
    roots = [graph.starting] if graph.starting is not None else []
    if standing:  # each starts by itself, or when something ends that may have been started by hand
        roots = sorted(graph.triggers, key=lambda one: one.type is TriggerType.CONDITIONAL)
    for trigger in roots:
        if trigger.name not in drawn:
            _draw(root, trigger, graph, states, drawn)
    rest = [trigger for trigger in graph.triggers if trigger.name not in drawn]
    if rest:
        branch = root.add(Text("never reached from the start", "yellow"))
        for trigger in rest:
            if trigger.name not in drawn:
                _draw(branch, trigger, graph, states, drawn)
    return root


def mermaid(graph: Graph, states: States) -> str:
    """Return a Mermaid flowchart: hexagons are triggers, cylinders crawlers; nodes have their states' colours."""
    triggers = {trigger.name: f"t{number}" for number, trigger in enumerate(graph.triggers)}
    nodes = {node: f"n{number}" for number, node in enumerate(graph.nodes)}
    lines = ["flowchart TD"]
    for trigger in graph.triggers:
        label = _kind(trigger)
        lines.append(f'    {triggers[trigger.name]}{{{{"{_escape(trigger.name)}<br/>{_escape(label)}"}}}}')
    for node, name in nodes.items():
        opening, closing = ("[", "]") if node.kind is NodeKind.JOB else ("[(", ")]")
        lines.append(f'    {name}{opening}"{_escape(node.name)}"{closing}')
    for trigger in graph.triggers:
        own = triggers[trigger.name]
        lines += [f"    {nodes[one.node]} -- {one.state} --> {own}" for one in trigger.conditions]
        lines += [f"    {own} --> {nodes[action.node]}" for action in trigger.actions]
    for node, name in nodes.items():
        colour = _COLOURS.get(states.get(node) or "")
        if colour:
            lines.append(f"    style {name} {colour}")
    return "\n".join(lines) + "\n"


def _draw(branch: Tree, trigger: Trigger, graph: Graph, states: States, drawn: set[str]) -> None:
    drawn.add(trigger.name)
    below = branch.add(_trigger_text(trigger))
    for action in trigger.actions:
        node = action.node
        text = Text.assemble((f"{node.kind.value.lower()} ", "dim"), node.name)
        if states:
            text = Text.assemble(text, "  ", state_text(states.get(node)))
        leaf = below.add(text)
        for watcher in graph.watchers.get(node, ()):
            if watcher.name not in drawn:
                _draw(leaf, watcher, graph, states, drawn)


def _trigger_text(trigger: Trigger) -> Text:
    return Text.assemble((condition(trigger), "cyan"), ("  " + trigger.name, "dim"))


def condition(trigger: Trigger) -> str:
    """Return when a trigger fires, as text."""
    if trigger.type is TriggerType.SCHEDULED:
        return f"at {trigger.schedule} UTC"
    if trigger.type is TriggerType.EVENT:
        return f"on {trigger.batch_size or 1} event(s)"
    if trigger.type is TriggerType.ON_DEMAND:
        return "on demand"
    states = [f"{one.node.name} {one.state}" for one in trigger.conditions]
    if len(states) == 1:
        return f"when {states[0]}"
    word = "any of" if trigger.logical is Logical.ANY else "all of"
    return f"when {word}: {', '.join(states)}"


def _kind(trigger: Trigger) -> str:
    """Return a short label for a trigger whose conditions are drawn as arrows."""
    if trigger.type is not TriggerType.CONDITIONAL:
        return condition(trigger)
    if len(trigger.conditions) > 1:
        return "any" if trigger.logical is Logical.ANY else "all"
    return "then"


def _escape(text: str) -> str:
    """Escape a Mermaid label, which is in quotes and takes HTML entities written with ``#``."""
    return text.replace("#", "#35;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
