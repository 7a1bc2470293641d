"""Small words for tests of the workflow room: triggers, nodes, and Hypothesis strategies for graphs."""

from __future__ import annotations

from hypothesis import strategies as st

from glueprint.facts.predicate import Condition, Logical, Node
from glueprint.facts.states import NodeKind, TriggerState, TriggerType, watchable_states
from glueprint.workflow.model import Action, Graph, Trigger


def job(name: str) -> Node:
    return Node(NodeKind.JOB, name)


def crawler(name: str) -> Node:
    return Node(NodeKind.CRAWLER, name)


def start(*nodes: Node, name: str = "start", type_: TriggerType = TriggerType.ON_DEMAND) -> Trigger:
    """A starting trigger of the given nodes."""
    return Trigger(name, type_, tuple(Action(node) for node in nodes), workflow="flow")


def on(
    name: str,
    *conditions: tuple[Node, str],
    do: tuple[Node, ...],
    logical: Logical | None = None,
    state: TriggerState = TriggerState.ACTIVATED,
) -> Trigger:
    """A conditional trigger that starts ``do`` when the conditions hold."""
    return Trigger(
        name,
        TriggerType.CONDITIONAL,
        tuple(Action(node) for node in do),
        state=state,
        workflow="flow",
        logical=logical,
        conditions=tuple(Condition(node, wanted) for node, wanted in conditions),
    )


def graph(*triggers: Trigger) -> Graph:
    return Graph(triggers)


def chain(length: int) -> Graph:
    """``length`` jobs, each started by the success of the one before."""
    jobs = [job(f"j{number}") for number in range(length)]
    links = [on(f"t{number}", (jobs[number - 1], "SUCCEEDED"), do=(jobs[number],)) for number in range(1, length)]
    return graph(start(jobs[0]), *links)


def fan(width: int) -> Graph:
    """One job that starts ``width`` jobs, all of which a last one awaits."""
    middle = tuple(job(f"m{number}") for number in range(width))
    return graph(
        start(job("first")),
        on("out", (job("first"), "SUCCEEDED"), do=middle),
        on("in", *((node, "SUCCEEDED") for node in middle), do=(job("last"),), logical=Logical.AND),
    )


NODES = (job("a"), job("b"), job("c"), job("d"), crawler("x"), crawler("y"))
_nodes = st.sampled_from(NODES)


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    node = draw(_nodes)
    return Condition(node, draw(st.sampled_from(watchable_states(node.kind))))


@st.composite
def conditional_triggers(draw: st.DrawFn, name: str) -> Trigger:
    wanted = tuple(draw(st.lists(conditions(), min_size=1, max_size=3)))
    return Trigger(
        name,
        TriggerType.CONDITIONAL,
        tuple(Action(node) for node in draw(st.lists(_nodes, min_size=1, max_size=2))),
        state=draw(st.sampled_from([TriggerState.ACTIVATED] * 5 + [TriggerState.DEACTIVATED])),
        workflow="flow",
        logical=draw(st.sampled_from(Logical)) if len(wanted) > 1 else None,
        conditions=wanted,
    )


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Any small workflow, cycles and unreachable triggers included."""
    count = draw(st.integers(1, 6))
    roots = draw(st.lists(_nodes, min_size=1, max_size=3))
    return graph(start(*roots), *(draw(conditional_triggers(f"t{number}")) for number in range(count)))
