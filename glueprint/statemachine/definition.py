"""What a state machine is: states as data classes. ``parsing`` makes them; a path of None is ASL's null."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from glueprint.statemachine.choices import Rule
from glueprint.statemachine.resources import Resource


class Absent:
    """The type of :data:`ABSENT`."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent()
"""A template that is not given; ASL's null is a value."""


@dataclass(frozen=True, slots=True)
class Retrier:
    """When and how often a failed state is tried again."""

    errors: tuple[str, ...]
    interval_seconds: float = 1
    max_attempts: int = 3
    backoff_rate: float = 2.0
    max_delay_seconds: float | None = None
    has_jitter: bool = False


@dataclass(frozen=True, slots=True)
class Catcher:
    """Which state follows on an error, and where the error is put."""

    errors: tuple[str, ...]
    next: str
    result_path: str | None = "$"


@dataclass(frozen=True, kw_only=True)
class State:
    """What all states have; ``next`` is None for one that ends its branch."""

    name: str
    type: str
    input_path: str | None = "$"
    output_path: str | None = "$"
    next: str | None = None


@dataclass(frozen=True, kw_only=True)
class Pass(State):
    """Passes its input on, or a constant or template."""

    parameters: Any = ABSENT
    result: Any = ABSENT
    result_path: str | None = "$"


@dataclass(frozen=True, kw_only=True)
class Failable(State):
    """A state whose work can fail, be retried and be caught."""

    parameters: Any = ABSENT
    result_selector: Any = ABSENT
    result_path: str | None = "$"
    retry: tuple[Retrier, ...] = ()
    catch: tuple[Catcher, ...] = ()

    @property
    def has_result_selector(self) -> bool:
        """Whether ResultSelector is given."""
        return self.result_selector is not ABSENT


@dataclass(frozen=True, kw_only=True)
class Task(Failable):
    """Calls a service; without ``timeout_seconds`` and ``timeout_path`` it may last for ever."""

    resource: Resource
    timeout_seconds: int | None = None
    timeout_path: str | None = None
    heartbeat_seconds: int | None = None

    @property
    def has_timeout(self) -> bool:
        """Whether the task has a timeout."""
        return self.timeout_seconds is not None or self.timeout_path is not None


@dataclass(frozen=True, kw_only=True)
class Parallel(Failable):
    """Runs branches, each with the same input."""

    branches: tuple[SubMachine, ...]


@dataclass(frozen=True, kw_only=True)
class Map(Failable):
    """Runs ``processor`` once for each item; ``parameters`` is ItemSelector; 0: no limit of concurrency."""

    processor: SubMachine
    items_path: str | None = "$"
    max_concurrency: int = 0
    max_concurrency_path: str | None = None

    @property
    def has_selector(self) -> bool:
        """Whether ItemSelector is given."""
        return self.parameters is not ABSENT


@dataclass(frozen=True, kw_only=True)
class Wait(State):
    """Waits; exactly one of the four is given."""

    seconds: int | None = None
    seconds_path: str | None = None
    timestamp: str | None = None
    timestamp_path: str | None = None


@dataclass(frozen=True, kw_only=True)
class Choice(State):
    """Goes on with the first rule that is true, or with ``default``."""

    rules: tuple[Rule, ...]
    default: str | None = None


@dataclass(frozen=True, kw_only=True)
class Succeed(State):
    """Ends its branch."""


@dataclass(frozen=True, kw_only=True)
class Fail(State):
    """Fails its branch; a path (or intrinsic function) can supply error and cause."""

    error: str | None = None
    error_path: str | None = None
    cause: str | None = None
    cause_path: str | None = None


@dataclass(frozen=True, slots=True)
class SubMachine:
    """States that are entered at ``start_at``: a branch of Parallel, what Map does with an item."""

    start_at: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class StateMachine:
    """A definition.

    Attributes:
        states: all of them by name, also those within Map and Parallel: names are unique in the definition.
    """

    start_at: str
    states: Mapping[str, State] = field(repr=False)
    timeout_seconds: int | None = None
    comment: str | None = None
