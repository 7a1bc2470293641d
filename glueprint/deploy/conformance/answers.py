"""Makes answers comparable: what differs from run to run, and what belongs to the account, is replaced."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_IDS = (
    (re.compile(r"\b(jr|wr|br|wnode|j|tr)_[0-9a-f]{32,64}\b"), r"\1_ID"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "UUID"),
    (re.compile(r"\b\d{12}\b"), "ACCOUNT"),
    (re.compile(r"Request ID: [0-9A-Za-z-]+"), "Request ID: ID"),
)


def comparable(answer: Any, replaced: Mapping[str, str]) -> Any:
    """Return an answer without ids and names of this run.

    Args:
        answer: JSON.
        replaced: texts and what stands for them, such as the prefix of the run.
    """
    if isinstance(answer, Mapping):
        return {str(name): comparable(one, replaced) for name, one in answer.items()}
    if isinstance(answer, (list, tuple)):
        return [comparable(one, replaced) for one in answer]
    if not isinstance(answer, str):
        return answer
    for text, stand_in in sorted(replaced.items(), key=lambda one: -len(one[0])):
        answer = answer.replace(text, stand_in)
    for pattern, stand_in in _IDS:
        answer = pattern.sub(stand_in, answer)
    return answer
