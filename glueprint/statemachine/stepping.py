"""Decisions within one state: the choice, the end of a wait, the delay of a retry, the items of a Map."""

from __future__ import annotations

import random
from typing import Any

from glueprint.statemachine.choices import instant, is_true
from glueprint.statemachine.definition import Choice, Map, Retrier, Wait
from glueprint.statemachine.faults import NO_CHOICE_MATCHED, RUNTIME, StateFault
from glueprint.statemachine.parsing import MAX_SECONDS
from glueprint.statemachine.templates import Scope


def chosen(state: Choice, scope: Scope) -> str:
    """Return the state that a Choice goes on with.

    Raises:
        StateFault: States.NoChoiceMatched; States.Runtime: a variable does not exist.
    """
    for rule in state.rules:
        if is_true(rule.condition, scope):
            return rule.next
    if state.default is None:
        raise StateFault(
            NO_CHOICE_MATCHED, f"No choices matched for the state '{state.name}' and it has no Default"
        )
    return state.default


def wait_until(state: Wait, scope: Scope, now: float) -> float:
    """Return when a Wait ends (epoch seconds).

    Raises:
        StateFault: States.Runtime: a path selects neither seconds nor a time.
    """
    if state.seconds is not None:
        return now + state.seconds
    if state.seconds_path is not None:
        seconds = scope.apply(state.seconds_path, "SecondsPath")
        if not isinstance(seconds, int) or isinstance(seconds, bool) or not 0 <= seconds <= MAX_SECONDS:
            raise StateFault(RUNTIME, f"The SecondsPath {state.seconds_path} selects {seconds!r}, not an integer")
        return now + seconds
    text = state.timestamp
    if state.timestamp_path is not None:
        text = scope.apply(state.timestamp_path, "TimestampPath")
    time = instant(text)
    if time is None:
        raise StateFault(RUNTIME, f"The TimestampPath {state.timestamp_path} selects {text!r}, not a timestamp")
    return time.timestamp()


def retry_delay(retrier: Retrier, used: int, seed: str) -> float:
    """Return the seconds before the next attempt, when ``used`` attempts were made."""
    delay = retrier.interval_seconds * retrier.backoff_rate**used
    if retrier.max_delay_seconds is not None:
        delay = min(delay, retrier.max_delay_seconds)
    return delay * random.Random(seed).random() if retrier.has_jitter else delay


def concurrency(state: Map, scope: Scope) -> int:
    """Return how many items of a Map run at once; 0: all.

    Raises:
        StateFault: States.Runtime: MaxConcurrencyPath does not select a number from 0.
    """
    if state.max_concurrency_path is None:
        return state.max_concurrency
    limit = scope.apply(state.max_concurrency_path, "MaxConcurrencyPath")
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 0:
        raise StateFault(RUNTIME, f"MaxConcurrencyPath {state.max_concurrency_path} selects {limit!r}")
    return limit


def map_items(state: Map, raw: Any, scope: Scope) -> list[Any]:
    """Return the items of a Map.

    Raises:
        StateFault: States.Runtime: ItemsPath does not select an array.
    """
    data = scope.apply(state.input_path, "InputPath")
    items = Scope(data, scope.context).apply(state.items_path, "ItemsPath")
    if not isinstance(items, list):
        raise StateFault(RUNTIME, f'Reference path "{state.items_path}" must point to array.')
    return items
