"""What the calls of the private route have in common: the run must be alive, members must have their types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glueprint.facts.states import JobState
from glueprint.local.protocol.errors import invalid_input, not_found
from glueprint.local.store.database import Connection

_ALIVE = (JobState.STARTING, JobState.RUNNING)
"""A job's first call may come before this server has stored that its process runs."""


def require_alive(tx: Connection, run_id: str, what: str) -> str:
    """Return the name of the job whose run that is.

    Args:
        what: what only a running run can do, for the message.

    Raises:
        ApiError: there is no such run, or it is over.
    """
    row = tx.execute("SELECT job_name, state FROM job_run WHERE id = ?", (run_id,)).fetchone()
    if row is None:
        raise not_found(f"Job run {run_id} not found.")
    if row["state"] not in _ALIVE:
        raise invalid_input(f"Job run {run_id} is {row['state']}: only a running one {what}.")
    name: str = row["job_name"]
    return name


def text(members: Mapping[str, Any], name: str) -> str:
    """Return a text that must be there.

    Raises:
        ApiError: it is not.
    """
    value = members.get(name)
    if not isinstance(value, str) or not value:
        raise invalid_input(f"{name} must be a string, not {value!r}")
    return value


def optional_text(members: Mapping[str, Any], name: str) -> str | None:
    """Return a text or None.

    Raises:
        ApiError: it is something else.
    """
    return None if members.get(name) is None else text(members, name)
