"""The nouns of a workflow: triggers, their actions, and the graph that they form.

Everything here is immutable. ``wire.py`` makes these from API shapes and back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from glueprint.facts.predicate import Condition, Logical, Node, Predicate
from glueprint.facts.states import TriggerState, TriggerType


@dataclass(frozen=True, slots=True)
class Action:
    """What a trigger starts, with what it overrides of the job's definition."""

    node: Node
    arguments: Mapping[str, str] = field(default_factory=dict)
    timeout: int | None = None
    """Minutes; None: the job's own."""
    security_configuration: str | None = None
    notify_delay_after: int | None = None
    """Minutes after which a run is reported as delayed."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """One trigger, as it is at one moment."""

    name: str
    type: TriggerType
    actions: tuple[Action, ...]
    state: TriggerState = TriggerState.CREATED
    workflow: str | None = None
    logical: Logical | None = None
    conditions: tuple[Condition, ...] = ()
    schedule: str | None = None
    batch_size: int | None = None
    batch_window: int | None = None
    """Seconds."""
    description: str | None = None

    @property
    def starts_workflow(self) -> bool:
        """Whether this is the kind of trigger that starts a workflow run."""
        return self.type is not TriggerType.CONDITIONAL

    @property
    def predicate(self) -> Predicate:
        """When the trigger fires, if it is a conditional one."""
        return Predicate(self.logical, self.conditions)


@dataclass(frozen=True)
class Graph:
    """The triggers of one workflow, frozen; jobs and crawlers belong to it because triggers name them."""

    triggers: tuple[Trigger, ...]

    @cached_property
    def by_name(self) -> Mapping[str, Trigger]:
        """The triggers by name."""
        return {trigger.name: trigger for trigger in self.triggers}

    @cached_property
    def starting(self) -> Trigger | None:
        """The trigger that starts a run, or None."""
        return next((t for t in self.triggers if t.starts_workflow), None)

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """Every job and crawler that is started or watched, each once, in order of first mention."""
        return tuple(dict.fromkeys(self._mentions()))

    @cached_property
    def watchers(self) -> Mapping[Node, tuple[Trigger, ...]]:
        """The conditional triggers that watch each node."""
        found: dict[Node, dict[str, Trigger]] = {}
        for trigger in self.triggers:
            for condition in trigger.conditions:
                found.setdefault(condition.node, {})[trigger.name] = trigger
        return {node: tuple(by_name.values()) for node, by_name in found.items()}

    @cached_property
    def predicates(self) -> Mapping[str, Predicate]:
        """The predicate of each trigger."""
        return {trigger.name: trigger.predicate for trigger in self.triggers}

    def watchers_of(self, condition: Condition) -> tuple[Trigger, ...]:
        """The triggers that have this very condition."""
        return self._by_condition.get(condition, ())

    @cached_property
    def _by_condition(self) -> Mapping[Condition, tuple[Trigger, ...]]:
        found: dict[Condition, list[Trigger]] = {}
        for trigger in self.triggers:
            for condition in dict.fromkeys(trigger.conditions):
                found.setdefault(condition, []).append(trigger)
        return {condition: tuple(triggers) for condition, triggers in found.items()}

    def _mentions(self) -> Iterator[Node]:
        for trigger in self.triggers:
            for condition in trigger.conditions:
                yield condition.node
            for action in trigger.actions:
                yield action.node
