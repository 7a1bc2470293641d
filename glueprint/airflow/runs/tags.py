"""The run property by which a task instance of Airflow finds its own workflow run again.

StartWorkflowRun has no token that makes a repeated request harmless (service model), and Airflow starts a task
again after its worker died. So the run itself records which task instance started it, in the request that starts
it: there is no moment in which the run exists and cannot be found.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

TAG_PROPERTY = "airflow.task_instance"
"""The name of the run property."""
_MAX_TASK_LENGTH = 1_000
"""Longer texts are replaced by their hash: the property is also read by people, and appears in logs."""


@dataclass(frozen=True, slots=True)
class TaskTag:
    """Which task instance a run belongs to.

    Attributes:
        task: DAG, DAG run, task and map index.
        sequence: the same for a task and its retries, another number after the task was cleared. Airflow keeps
            ``max_tries`` through retries, and sets it to ``try_number + retries`` when a task is cleared
            (``clear_task_instances``), which is always more than before.
    """

    task: str
    sequence: int

    @classmethod
    def of(cls, ti: Any) -> TaskTag:
        """Return the tag of a task instance (``context["ti"]``)."""
        index = "" if ti.map_index is None or ti.map_index < 0 else f"[{ti.map_index}]"
        task = f"{ti.dag_id}/{ti.run_id}/{ti.task_id}{index}"
        if len(task) > _MAX_TASK_LENGTH:
            task = "sha256:" + hashlib.sha256(task.encode()).hexdigest()
        return cls(task, ti.max_tries)

    @classmethod
    def from_text(cls, text: str) -> TaskTag | None:
        """Read :attr:`text`; None if it is not a tag."""
        task, separator, sequence = text.rpartition("#")
        if not separator or not sequence.isdecimal():
            return None
        return cls(task, int(sequence))

    @property
    def text(self) -> str:
        """The value of the run property."""
        return f"{self.task}#{self.sequence}"


def is_retry(ti: Any, retries: int | None) -> bool:
    """Return whether the task ran before in the same sequence: it was not cleared since.

    The first try of a sequence has the number ``max_tries - retries + 1``. If ``retries`` was changed in between,
    a later try counts as a retry: it then takes the result of a run that succeeded instead of repeating it.
    """
    first = ti.max_tries - (retries or 0) + 1
    return bool(ti.try_number > 1 and ti.try_number != first)
