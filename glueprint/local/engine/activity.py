"""What a local Glue has not finished: runs that are active, and actions that are pending."""

from __future__ import annotations

from dataclasses import dataclass

from glueprint.facts.states import (
    ACTIVE_CRAWL_STATES,
    ACTIVE_JOB_STATES,
    ACTIVE_RUN_STATUSES,
    FINAL_BLUEPRINT_RUN_STATES,
    BlueprintRunState,
)
from glueprint.local.store.database import Connection
from glueprint.local.store.literals import text_list

_ACTIVE_BLUEPRINT_RUN_STATES = tuple(one for one in BlueprintRunState if one not in FINAL_BLUEPRINT_RUN_STATES)

_JOB_RUNS = f"SELECT id, job_name AS name FROM job_run WHERE state IN {text_list(ACTIVE_JOB_STATES)}"
_CRAWLS = f"SELECT id, crawler AS name FROM crawl WHERE state IN {text_list(ACTIVE_CRAWL_STATES)}"
_RUNS = f"SELECT run_id AS id, workflow AS name FROM workflow_run WHERE status IN {text_list(ACTIVE_RUN_STATUSES)}"
_BLUEPRINT_RUNS = f"""
    SELECT run_id AS id, blueprint AS name FROM blueprint_run
    WHERE state IN {text_list(_ACTIVE_BLUEPRINT_RUN_STATES)}
"""
_EXECUTIONS = "SELECT id, machine AS name FROM execution WHERE status = 'RUNNING'"
_PENDING = "SELECT count(*) FROM owed"

MAX_NAMED = 5
"""How many processes :attr:`Activity.processes` names."""


@dataclass(frozen=True, slots=True)
class Activity:
    """The ids and names of what has not ended.

    Attributes:
        pending_actions: the number of actions that are stored and not carried out yet.
    """

    job_runs: tuple[tuple[str, str], ...] = ()
    crawls: tuple[tuple[str, str], ...] = ()
    workflow_runs: tuple[tuple[str, str], ...] = ()
    blueprint_runs: tuple[tuple[str, str], ...] = ()
    executions: tuple[tuple[str, str], ...] = ()
    pending_actions: int = 0

    def __bool__(self) -> bool:
        """Whether anything is active or pending."""
        return bool(self.runs or self.pending_actions)

    @property
    def runs(self) -> int:
        """The number of runs of all kinds."""
        kinds = (self.job_runs, self.crawls, self.workflow_runs, self.blueprint_runs, self.executions)
        return sum(map(len, kinds))

    @property
    def processes(self) -> str:
        """Job runs and crawls as text; empty if there are none."""
        names = [
            *(f"job run {run_id} of {name}" for run_id, name in self.job_runs),
            *(f"the crawl of {name}" for _, name in self.crawls),
        ]
        more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
        return ", ".join(names[:MAX_NAMED]) + more


def activity(tx: Connection) -> Activity:
    """Return what has not ended."""

    def rows(query: str) -> tuple[tuple[str, str], ...]:
        return tuple((str(row["id"]), str(row["name"])) for row in tx.execute(query))

    pending: int = tx.execute(_PENDING).fetchone()[0]
    return Activity(rows(_JOB_RUNS), rows(_CRAWLS), rows(_RUNS), rows(_BLUEPRINT_RUNS), rows(_EXECUTIONS), pending)
