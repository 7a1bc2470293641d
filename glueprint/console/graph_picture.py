"""The picture of a workflow or of a run: boxes and lines, as the template draws them. Pure."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from glueprint.client.runs import NodeView
from glueprint.console.graph_folding import Group, fold
from glueprint.console.graph_layout import Size, lay_out, layers_of
from glueprint.console.text import duration, state_kind
from glueprint.facts.predicate import Logical, Node
from glueprint.facts.states import NodeKind, TriggerState, TriggerType
from glueprint.workflow.explanation import Explanation, Subject
from glueprint.workflow.model import Graph, Trigger

_NODE = Size(184.0, 52.0)
_TRIGGER_HEIGHT = 30.0
_MARGIN = 12.0
_NAME_LENGTH = 19
_CHARACTER_WIDTH = 6.2
_TURN = 0.5
"""How far the curves of a line reach towards the next layer."""


@dataclass(frozen=True, slots=True)
class Box:
    """A job, crawler, trigger or group.

    Attributes:
        key: the id of its element: the same in each picture of the graph.
        kind: job, crawler, trigger or group.
        label: its name, shortened.
        detail: its second line.
        title: everything, for the tooltip and for screen readers.
        state: the group of its state, for its colour; idle if it has none.
        since: the start of what has not ended.
        group: the key of the group that a click unfolds.
        node: the job or crawler.
        is_dim: whether nothing happened here in an ended run.
    """

    key: str
    kind: str
    label: str
    detail: str
    title: str
    state: str
    x: float
    y: float
    width: float
    height: float
    since: datetime | None = None
    group: str | None = None
    node: Node | None = None
    is_dim: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line from a node to a trigger that waits for it, or from a trigger to what it starts.

    Attributes:
        path: the ``d`` of an SVG path.
        state: the group of the state that the trigger waits for; idle from a trigger.
        is_fired: whether the run has passed here.
        key: the id of its element.
    """

    key: str
    path: str
    state: str
    title: str
    is_fired: bool
    is_dim: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn graph.

    Attributes:
        folded: the number of jobs, crawlers and triggers that are in groups.
    """

    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    width: float
    height: float
    folded: int = 0


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What happened in a run, as far as the picture shows it.

    Attributes:
        nodes: the latest attempt of each job and crawler.
        fired: the names of the triggers that fired.
        is_final: whether the run has ended.
    """

    nodes: Mapping[Node, NodeView]
    fired: frozenset[str]
    is_final: bool

    @classmethod
    def of(cls, nodes: Iterable[NodeView], graph: Graph, explanation: Explanation, *, is_final: bool) -> RunFacts:
        """Return the facts of a run with its explanation: a trigger that is not silent has fired."""
        silent = {one.name for one in explanation.silences if one.kind == "TRIGGER"}
        fired = frozenset(trigger.name for trigger in graph.triggers if trigger.name not in silent)
        return cls({one.node: one for one in nodes}, fired, is_final)


_Item = Subject


def draw(graph: Graph, run: RunFacts | None = None, opened: Collection[str] = ()) -> Picture:
    """Return the picture of a graph.

    Args:
        graph: the triggers.
        run: what happened; None: the workflow itself.
        opened: the groups of a large graph that are unfolded.
    """
    kinds = {Subject("TRIGGER", one.name): "trigger" for one in graph.triggers}
    kinds |= {Subject.of(node): node.kind.value.lower() for node in graph.nodes}
    edges: dict[tuple[_Item, _Item], str | None] = {}
    for trigger in graph.triggers:
        own = Subject("TRIGGER", trigger.name)
        for condition in trigger.conditions:
            edges[Subject.of(condition.node), own] = str(condition.state)
        for action in trigger.actions:
            edges[own, Subject.of(action.node)] = None
    groups = _groups(kinds, edges, opened)
    shown = {one: groups[one].key if one in groups else _key(one) for one in kinds}
    suffix = common_suffix([node.name for node in graph.nodes])
    boxes = [_box(one, graph, run, suffix) for one in kinds if one not in groups]
    boxes += _group_boxes(groups, run)
    lines: dict[tuple[str, str], list[tuple[_Item, _Item, str | None]]] = defaultdict(list)
    for (start, end), state in edges.items():
        lines[shown[start], shown[end]].append((start, end, state))
    layout = lay_out({box.key: Size(box.width, box.height) for box in boxes}, list(lines))
    placed = tuple(
        _moved(box, layout.nodes[box.key].x - box.width / 2, layout.nodes[box.key].y - box.height / 2)
        for box in boxes
    )
    sizes = {box.key: box.width for box in boxes}
    drawn = tuple(
        _line(pair, members, layout.lines[pair], sizes, run)
        for pair, members in lines.items()
        if pair in layout.lines
    )
    return Picture(placed, drawn, layout.width + 2 * _MARGIN, layout.height + 2 * _MARGIN, len(groups))


def _groups(
    kinds: Mapping[_Item, str], edges: Iterable[tuple[_Item, _Item]], opened: Collection[str]
) -> dict[_Item, Group]:
    """Return the group of each item that is not shown itself.

    Items are numbers on the way: of 1,000 that is several times as fast.
    """
    items = list(kinds)
    numbers = {one: number for number, one in enumerate(items)}
    layers = layers_of(range(len(items)), [(numbers[start], numbers[end]) for start, end in edges])
    folded = fold(dict(enumerate(kinds.values())), layers, opened)
    return {items[number]: group for number, group in folded.items()}


def _key(subject: _Item) -> str:
    digest = hashlib.sha256(f"{subject.kind}/{subject.name}".encode("utf-8", "surrogatepass")).hexdigest()
    return f"n{digest[:12]}"


def _moved(box: Box, x: float, y: float) -> Box:
    return replace(box, x=round(x + _MARGIN, 1), y=round(y + _MARGIN, 1))


def shortened_name(name: str, most: int = _NAME_LENGTH) -> str:
    """Return a name with an ellipsis in its middle if it is too long: both its ends tell names apart."""
    if len(name) <= most:
        return name
    front = (most - 1) * 3 // 5
    return f"{name[:front]}…{name[len(name) - (most - 1 - front) :]}"


_SUFFIX = re.compile(r"_[a-z0-9]{8}\Z")


def common_suffix(names: Collection[str]) -> str:
    """Return the random suffix that a blueprint run has given to all these names (docs/facts/blueprints.md), or an
    empty string."""
    found = {match[0] if (match := _SUFFIX.search(name)) else "" for name in names}
    return found.pop() if len(found) == 1 and len(names) > 1 else ""


def _box(subject: _Item, graph: Graph, run: RunFacts | None, suffix: str) -> Box:
    if subject.kind == "TRIGGER":
        return _trigger_box(graph.by_name[subject.name], subject, run)
    node = graph_node(subject)
    view = None if run is None else run.nodes.get(node)
    kind = subject.kind.lower()
    state = view.state if view else None
    detail = kind if run is None else (state or "not started").lower()
    if view is not None and view.attempt:
        detail += f", attempt {view.attempt + 1}"
    since, length = None, ""
    if view is not None and view.started is not None:
        if view.completed is None:
            since = view.started
        else:
            length = duration((view.completed - view.started).total_seconds())
    title = f"{kind} {subject.name}" + (f": {detail}" if run is not None else "")
    if view is not None and view.error:
        title += f". {view.error.strip().splitlines()[-1][:300] if view.error.strip() else ''}"
    return Box(
        _key(subject),
        kind,
        shortened_name(subject.name.removesuffix(suffix)),
        f"{detail} · {length}" if length else detail,
        title,
        state_kind(state),
        0.0,
        0.0,
        _NODE.width,
        _NODE.height,
        since=since,
        node=node,
        is_dim=run is not None and run.is_final and state is None,
    )


def graph_node(subject: Subject) -> Node:
    """Return the job or crawler that a subject is."""
    return Node(NodeKind(subject.kind), subject.name)


_SIGNS = {"SUCCEEDED": "✓", "FAILED": "✕"}
"""Short signs for the states that most conditions name; the legend and the titles explain them."""
_STARTS = {TriggerType.ON_DEMAND: "on demand", TriggerType.EVENT: "on an event"}


def trigger_label(trigger: Trigger) -> str:
    """Return what makes a trigger fire, in a few words."""
    if trigger.type is TriggerType.SCHEDULED:
        return trigger.schedule or "schedule"
    if trigger.starts_workflow:
        return _STARTS[trigger.type]
    if not trigger.conditions:
        return "never"
    states = {str(condition.state) for condition in trigger.conditions}
    sign = _SIGNS.get(next(iter(states)), "") if len(states) == 1 else ""
    number = len(trigger.conditions)
    if number == 1:
        return sign or f"if {next(iter(states)).lower()}"
    return f"{'any of' if trigger.logical is Logical.ANY else 'all'} {number} {sign}".rstrip()


def trigger_title(trigger: Trigger) -> str:
    """Return a trigger with its conditions as text."""
    parts = [trigger_label(trigger)] if not trigger.conditions else []
    if trigger.conditions:
        word = " or " if trigger.logical is Logical.ANY else " and "
        parts.append("when " + word.join(f"{one.node.name} {one.state}" for one in trigger.conditions[:20]))
    if not trigger.starts_workflow and trigger.state is not TriggerState.ACTIVATED:
        parts.append(f"it is {trigger.state}, so it does not fire")
    return "; ".join(parts)


def _trigger_box(trigger: Trigger, subject: _Item, run: RunFacts | None) -> Box:
    label = shortened_name(trigger_label(trigger), 26)
    is_inactive = not trigger.starts_workflow and trigger.state is not TriggerState.ACTIVATED
    fired = run is not None and trigger.name in run.fired
    return Box(
        _key(subject),
        "trigger",
        label,
        "",
        f"trigger {trigger.name}: {trigger_title(trigger)}" + ("; it fired" if fired else ""),
        "good" if fired else ("halted" if is_inactive else "idle"),
        0.0,
        0.0,
        max(_TRIGGER_HEIGHT, 20 + _CHARACTER_WIDTH * len(label)),
        _TRIGGER_HEIGHT,
        is_dim=run is not None and run.is_final and not fired,
    )


def _group_boxes(groups: Mapping[_Item, Group], run: RunFacts | None) -> list[Box]:
    members: dict[Group, list[_Item]] = defaultdict(list)
    for subject, group in groups.items():
        members[group].append(subject)
    return [_group_box(group, subjects, run) for group, subjects in members.items()]


_WORST = ("bad", "busy", "halted", "good", "idle")


def _group_box(group: Group, subjects: list[_Item], run: RunFacts | None) -> Box:
    noun = "node" if group.kind == "nodes" else group.kind
    label = f"{len(subjects)} {noun}s"
    counts: Counter[str] = Counter()
    state = "idle"
    if run is not None:
        kinds = []
        for subject in subjects:
            if subject.kind == "TRIGGER":
                fired = subject.name in run.fired
                counts["fired" if fired else "not fired"] += 1
            else:
                view = run.nodes.get(graph_node(subject))
                found = view.state if view else None
                counts[(found or "not started").lower()] += 1
                kinds.append(state_kind(found))
        state = next((kind for kind in _WORST if kind in kinds), "idle")
    names = ", ".join(one.name for one in subjects[:5]) + (", ..." if len(subjects) > 5 else "")
    detail = ", ".join(f"{number} {one}" for one, number in counts.most_common(2)) or "unfold"
    summary = ", ".join(f"{number} {one}" for one, number in counts.most_common())
    return Box(
        group.key,
        "group",
        label,
        detail if len(detail) <= 30 else shortened_name(detail, 30),
        f"{label} ({names}){': ' + summary if summary else ''}; unfold them",
        state,
        0.0,
        0.0,
        _NODE.width,
        _NODE.height,
        group=group.key,
    )


def _line(
    pair: tuple[str, str],
    members: list[tuple[_Item, _Item, str | None]],
    points: tuple[tuple[float, float], ...],
    widths: Mapping[str, float],
    run: RunFacts | None,
) -> Line:
    (x0, y0), (x1, y1) = points[0], points[-1]
    turned = x1 < x0
    half_start, half_end = widths[pair[0]] / 2, widths[pair[1]] / 2
    begin = (x0 - half_start if turned else x0 + half_start, y0)
    finish = (x1 + half_end if turned else x1 - half_end, y1)
    stations = [begin, *points[1:-1], finish]
    states = {state for _, _, state in members if state}
    state = state_kind(next(iter(states))) if len(states) == 1 else "idle"
    first = members[0]
    if len(members) == 1:
        start, end, waits = first
        title = f"{end.name} waits for {start.name} {waits}" if waits else f"{start.name} starts {end.name}"
    else:
        title = f"{len(members)} connections"
    fired = run is not None and any(_is_fired(one, run) for one in members)
    return Line(
        f"e{pair[0]}-{pair[1]}",
        _curve(stations),
        state,
        title,
        fired,
        run is not None and run.is_final and not fired,
    )


def _is_fired(edge: tuple[_Item, _Item, str | None], run: RunFacts) -> bool:
    """Whether a run passed an edge: the trigger fired, and the node that it waits for is in that state."""
    start, end, waits = edge
    if waits is None:
        view = run.nodes.get(graph_node(end))
        return start.name in run.fired and view is not None and view.state is not None
    view = run.nodes.get(graph_node(start))
    return end.name in run.fired and view is not None and view.state == waits


def _curve(stations: list[tuple[float, float]]) -> str:
    parts = [f"M{stations[0][0] + _MARGIN:.1f} {stations[0][1] + _MARGIN:.1f}"]
    for (x0, y0), (x1, y1) in itertools.pairwise(stations):
        reach = (x1 - x0) * _TURN
        parts.append(
            f"C{x0 + reach + _MARGIN:.1f} {y0 + _MARGIN:.1f} {x1 - reach + _MARGIN:.1f} {y1 + _MARGIN:.1f} "
            f"{x1 + _MARGIN:.1f} {y1 + _MARGIN:.1f}"
        )
    return "".join(parts)
