"""Errors of states: their names, and which of them a retrier or catcher matches."""

from __future__ import annotations

from collections.abc import Iterable

ALL = "States.ALL"
DATA_LIMIT_EXCEEDED = "States.DataLimitExceeded"
HEARTBEAT_TIMEOUT = "States.HeartbeatTimeout"
INTRINSIC_FAILURE = "States.IntrinsicFailure"
NO_CHOICE_MATCHED = "States.NoChoiceMatched"
RESULT_PATH_MATCH_FAILURE = "States.ResultPathMatchFailure"
RUNTIME = "States.Runtime"
TASK_FAILED = "States.TaskFailed"
TIMEOUT = "States.Timeout"

TERMINAL = frozenset({DATA_LIMIT_EXCEEDED, RUNTIME})
"""Errors that States.ALL does not match (SFN:concepts-error-handling)."""

MAX_DATA_BYTES = 256 * 1024
"""Bytes of JSON that a state can receive or return (SFN:service-quotas)."""


class StateFault(Exception):
    """A state failed.

    Attributes:
        error: the name that retriers and catchers match.
        cause: text for people.
    """

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause


def matches(names: Iterable[str], error: str) -> bool:
    """Return whether a retrier or catcher with these ErrorEquals handles ``error``.

    ``States.TaskFailed`` matches every error except ``States.Timeout``; neither it nor ``States.ALL`` matches a
    terminal one, and ``States.Runtime`` always fails the execution (SFN:concepts-error-handling).
    """
    if error == RUNTIME:
        return False
    for name in names:
        if name == error:
            return True
        if error in TERMINAL:
            continue
        if name == ALL or (name == TASK_FAILED and error != TIMEOUT):
            return True
        if name == TIMEOUT and error == HEARTBEAT_TIMEOUT:
            return True
    return False
