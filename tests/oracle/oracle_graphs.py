"""Random workflows and random outcomes, made from a ``random.Random``: a seeded one, or Hypothesis's own."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from glueprint.facts.predicate import Condition, Logical, Node
from glueprint.facts.states import (
    CrawlState,
    JobState,
    NodeKind,
    NodeState,
    TriggerState,
    TriggerType,
    is_final,
    node_state,
    watchable_states,
)
from glueprint.workflow.model import Action, Graph, Trigger

MOST_NODES = 8
MOST_CONDITIONALS = 8


def chance(random: Random, share: float) -> bool:
    """True in about ``share`` of all cases.

    Drawn as a small integer: Hypothesis draws those evenly, whereas its floats are 0.0 far too often.
    """
    return random.randrange(100) >= round(100 * (1 - share))


def random_node(random: Random, number: int, crawlers: float = 0.25) -> Node:
    """Node ``number`` of a workflow; ``crawlers`` is the share of those."""
    if chance(random, crawlers):
        return Node(NodeKind.CRAWLER, f"crawl{number}")
    return Node(NodeKind.JOB, f"job{number}")


def random_graph(random: Random, crawlers: float = 0.25) -> Graph:
    """A workflow of 1 to 8 nodes: fans, chains, joins, cycles, dead triggers, nodes with several starters.

    Conditions prefer nodes that something may start, actions prefer nodes that nothing starts yet: a graph
    without this preference is mostly unreachable, and a test over it proves little.
    """
    nodes = [random_node(random, number, crawlers) for number in range(random.randint(1, MOST_NODES))]
    started: list[Node] = []
    triggers: list[Trigger] = []
    if chance(random, 0.97):
        triggers.append(_starting(random, nodes, started))
    names = [f"t{number}" for number in range(random.randint(0, MOST_CONDITIONALS))]
    triggers += [random_conditional(random, name, nodes, started) for name in names]
    if chance(random, 0.5):
        random.shuffle(triggers)
    return Graph(tuple(triggers))


def _starting(random: Random, nodes: list[Node], started: list[Node]) -> Trigger:
    kind = random.choice([TriggerType.ON_DEMAND, TriggerType.SCHEDULED, TriggerType.EVENT])
    live = TriggerState.CREATED if kind is TriggerType.ON_DEMAND else TriggerState.ACTIVATED
    state = live if chance(random, 0.9) else TriggerState.DEACTIVATED
    return Trigger("start", kind, _actions(random, nodes, started, at_least=0), state, workflow="w")


def random_conditional(
    random: Random, name: str, nodes: list[Node], started: list[Node], workflow: str | None = "w"
) -> Trigger:
    """A conditional trigger over ``nodes``; what it starts is added to ``started``."""
    logical = random.choice([Logical.AND, Logical.ANY])
    wanted = 1 if chance(random, 0.4) else random.randint(2, 4)
    conditions: list[Condition] = []
    for _ in range(0 if chance(random, 0.02) else wanted):
        pool = started if started and chance(random, 0.85) else nodes
        if logical is Logical.AND and chance(random, 0.8):  # Two states of one node never hold together.
            pool = [node for node in pool if node not in [one.node for one in conditions]] or nodes
        node = random.choice(pool)
        states = watchable_states(node.kind)
        state = states[0] if chance(random, 0.65) else random.choice(states)
        conditions.append(Condition(node, state.value))
    without = len(conditions) < 2 and chance(random, 0.5)
    return Trigger(
        name,
        TriggerType.CONDITIONAL,
        _actions(random, nodes, started, at_least=0 if chance(random, 0.05) else 1),
        random_trigger_state(random),
        workflow=workflow,
        logical=None if without or chance(random, 0.05) else logical,
        conditions=tuple(conditions),
    )


def random_trigger_state(random: Random) -> TriggerState:
    """ACTIVATED mostly; the other resting states now and then."""
    if chance(random, 0.85):
        return TriggerState.ACTIVATED
    return random.choice([TriggerState.CREATED, TriggerState.DEACTIVATED])


def _actions(random: Random, nodes: list[Node], started: list[Node], at_least: int) -> tuple[Action, ...]:
    actions = []
    for number in range(random.randint(at_least, 3)):
        fresh = [node for node in nodes if node not in started]
        node = random.choice(fresh if fresh and chance(random, 0.75) else nodes)
        started.append(node)
        actions.append(Action(node, {"--position": str(number)}, timeout=random.choice([None, 5])))
    return tuple(actions)


def random_outcome(random: Random, kind: NodeKind, watched: Sequence[str] = ()) -> NodeState:
    """A final state; mostly one that a trigger waits for.

    Args:
        random: where the choice comes from.
        kind: whether a job run or a crawl ends.
        watched: the states that conditions name for this node.
    """
    if watched and chance(random, 0.6):
        return node_state(kind, random.choice(watched))
    if chance(random, 0.4):
        return node_state(kind, "SUCCEEDED")
    return random.choice([state for state in _all_states(kind) if is_final(state)])


def random_way(random: Random, kind: NodeKind) -> NodeState:
    """A state on the way, in any order: a retry goes back from RUNNING to STARTING or WAITING."""
    return random.choice([state for state in _all_states(kind) if not is_final(state)])


def random_state(random: Random, kind: NodeKind) -> NodeState:
    """Any state, final or not."""
    return random.choice(_all_states(kind))


def _all_states(kind: NodeKind) -> list[NodeState]:
    return list(JobState) if kind is NodeKind.JOB else list(CrawlState)
