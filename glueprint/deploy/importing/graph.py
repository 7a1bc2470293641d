"""The dependencies of a workflow's jobs and crawlers as the layout classes have them: ``DependsOn``.

The layout classes make one starting trigger, which starts every node without dependencies, and one conditional
trigger for each other node (docs/facts/blueprints.md#generated-names). This module reads triggers in that way, and
returns as gaps what does not fit.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from glueprint.deploy.definitions.model import Definition, Key, Kind, WorkflowDefinition
from glueprint.deploy.importing.gaps import Gap, lost, other_form

_STARTING = ("ON_DEMAND", "SCHEDULED", "EVENT")
_TRIGGER_MEMBERS = (
    *("WorkflowName", "Type", "Schedule", "Predicate", "Actions", "StartOnCreation", "EventBatchingCondition"),
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a node waits for.

    Attributes:
        states: the state that each other node must reach.
        logical: ``AND`` or ``ANY``; empty with one state.
        trigger: the name of the trigger that states it.
    """

    states: Mapping[Key, str]
    logical: str
    trigger: str


@dataclass(frozen=True, slots=True)
class LayoutGraph:
    """A workflow as the layout classes describe it.

    Attributes:
        schedule: ``OnSchedule``; empty for a workflow that is started on demand.
        starting_trigger: its name; empty if the workflow has none.
        waiting: of each node that does not start with the workflow.
        gaps: what the layout classes cannot say.
    """

    schedule: str = ""
    starting_trigger: str = ""
    waiting: Mapping[Key, Waiting] = field(default_factory=dict)
    gaps: tuple[Gap, ...] = ()


def layout_graph(definition: WorkflowDefinition) -> LayoutGraph:
    """Return the dependencies, and what does not fit into them."""
    gaps: list[Gap] = []
    nodes = {one.key for one in definition.nodes}
    gaps += _same_names(definition)
    starting = [one for one in definition.triggers if one.members.get("Type") in _STARTING]
    start, schedule = _start(definition, starting, gaps)
    started: set[Key] = set(_actions(start, gaps)) if start is not None else set()
    waiting: dict[Key, Waiting] = {}
    for trigger in definition.triggers:
        gaps += _members(trigger)
        if trigger in starting:
            continue
        keys = list(_actions(trigger, gaps))
        if len(keys) > 1:
            gaps.append(
                other_form(
                    trigger.key, "Actions", f"starts {len(keys)} nodes: the layout makes a trigger for each"
                )
            )
        if not trigger.members.get("StartOnCreation"):
            gaps.append(lost(trigger.key, "State", "is not active: the layout makes active triggers"))
        waits = _waiting(trigger, nodes, gaps)
        for key in keys:
            if key in started or key in waiting:
                gaps.append(lost(key, "", f"is started by another trigger, too, not only by {trigger.name}"))
            elif waits is not None:
                waiting[key] = waits
    for key in sorted(nodes - started - set(waiting), key=str):
        gaps.append(lost(key, "", "is started by no trigger: the layout would start it with the workflow"))
    return LayoutGraph(schedule, start.name if start else "", waiting, tuple(dict.fromkeys(gaps)))


def _same_names(definition: WorkflowDefinition) -> Iterator[Gap]:
    jobs = {one.name for one in definition.jobs}
    for crawler in definition.crawlers:
        if crawler.name in jobs:
            yield lost(crawler.key, "Name", "is also the name of a job: their triggers would have one name")


def _start(
    definition: WorkflowDefinition, starting: list[Definition], gaps: list[Gap]
) -> tuple[Definition | None, str]:
    if not starting:
        gaps.append(
            other_form(definition.workflow.key, "", "has no starting trigger: the layout makes one on demand")
        )
        return None, ""
    first, *more = starting
    gaps += [lost(one.key, "", f"is a second starting trigger, next to {first.name}") for one in more]
    kind = first.members["Type"]
    if kind == "EVENT":
        gaps.append(lost(first.key, "Type", "is EVENT: the layout classes know on demand and scheduled only"))
    if kind == "SCHEDULED" and not first.members.get("StartOnCreation"):
        gaps.append(lost(first.key, "State", "is a schedule that is not active: the layout makes active ones"))
    return first, str(first.members.get("Schedule", "")) if kind == "SCHEDULED" else ""


def _members(trigger: Definition) -> Iterator[Gap]:
    for name in trigger.members:
        if name not in _TRIGGER_MEMBERS:
            yield other_form(trigger.key, name, "is not set by the layout classes")
    for action in trigger.members.get("Actions", ()):
        for name in action:
            if name not in ("JobName", "CrawlerName") and action[name]:
                node = action.get("JobName") or action.get("CrawlerName")
                shown = json.dumps(action[name], sort_keys=True)
                yield lost(trigger.key, f"Actions[{node}].{name}", f"= {shown}: actions of the layout have none")


def _actions(trigger: Definition, gaps: list[Gap]) -> Iterator[Key]:
    seen: set[Key] = set()
    for action in trigger.members.get("Actions", ()):
        key = _node(action)
        if key is None:
            continue
        if key in seen:
            gaps.append(lost(trigger.key, "Actions", f"starts {key} twice"))
        else:
            seen.add(key)
            yield key


def _waiting(trigger: Definition, nodes: set[Key], gaps: list[Gap]) -> Waiting | None:
    predicate: Mapping[str, Any] = trigger.members.get("Predicate") or {}
    conditions = predicate.get("Conditions") or ()
    states: dict[Key, str] = {}
    for condition in conditions:
        key = _node(condition)
        state = str(condition.get("State") or condition.get("CrawlState") or "")
        if key is None or key not in nodes:
            gaps.append(lost(trigger.key, "Predicate", f"waits for {key or condition}, which does not exist"))
        elif states.setdefault(key, state) != state:
            gaps.append(
                lost(trigger.key, "Predicate", f"waits for two states of {key}: DependsOn has one for each")
            )
    if not states:
        gaps.append(lost(trigger.key, "Predicate", "has no condition: the layout would start its nodes at once"))
        return None
    logical = str(predicate.get("Logical") or "AND") if len(states) > 1 else ""
    return Waiting(states, logical, trigger.name)


def _node(part: Mapping[str, Any]) -> Key | None:
    if part.get("JobName"):
        return Key(Kind.JOB, part["JobName"])
    return Key(Kind.CRAWLER, part["CrawlerName"]) if part.get("CrawlerName") else None
