"""Writes to the store that fail: nothing is half-done, and everything can be repeated."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from glueprint.local.assembly import LocalGlue
from glueprint.local.clock import ManualClock
from glueprint.local.datadir import DataDirectory
from glueprint.local.engine.job_runs import JobRuns
from glueprint.local.protocol import Context
from glueprint.local.store import database
from glueprint.workflow.attempt_events import Event, Exited, Started

CONTEXT = Context()
MOST_WRITES = 200
"""The story takes fewer; a test fails if not."""


class FailingConnection(sqlite3.Connection):
    """A connection whose N-th write, counted over the writer's life, fails as a broken disk makes it fail."""

    fail_at = 0
    writes = 0
    _reads_only = False

    def execute(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
        """Count writes, and fail at the one that was chosen."""
        if sql.startswith("PRAGMA query_only"):
            self._reads_only = True
        self._count(sql)
        return super().execute(sql, *arguments)

    def executemany(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
        """As :meth:`execute`."""
        self._count(sql)
        return super().executemany(sql, *arguments)

    def _count(self, sql: str) -> None:
        if self._reads_only or not sql.startswith(("INSERT", "UPDATE", "DELETE", "COMMIT")):
            return
        FailingConnection.writes += 1
        if FailingConnection.writes == FailingConnection.fail_at:
            raise sqlite3.OperationalError("disk I/O error")


@dataclass(frozen=True)
class Outcome:
    """How the story ended: the workflow run, the runs that the trigger outside started, the batches of events."""

    status: str
    statistics: dict[str, int]
    properties: dict[str, str]
    followers: int
    batches: list[dict[str, str]]


class Story:
    """A workflow of two jobs from its creation to its end, then triggers outside workflows and a batch of events,
    run step by step without processes.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._clock = ManualClock(time.time())
        self.run_id = ""

    def __enter__(self) -> Story:
        self.open()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def open(self) -> None:
        """Open the data directory; nothing is carried out, so only the story moves things."""
        self._data = DataDirectory.open(self._path)
        self.glue = LocalGlue(
            self._data, self._clock, "http://127.0.0.1:9", account_id="123456789012", region="us-east-1", slots=4
        )

    def close(self) -> None:
        """As if the server had ended; whatever was launched never ran."""
        self.glue.engine.close()
        self.glue.abandon()
        self._data.close()

    def steps(self) -> list[Callable[[], None]]:
        """The story."""
        condition = {"LogicalOperator": "EQUALS", "JobName": "a", "State": "SUCCEEDED"}
        return [
            lambda: self._call("CreateWorkflow", Name="w", DefaultRunProperties={"k": "v"}, Tags={"t": "1"}),
            lambda: self._call("CreateJob", Name="a", Role="r", Command={"Name": "pythonshell"}, Tags={"t": "1"}),
            lambda: self._call("CreateJob", Name="b", Role="r", Command={"Name": "pythonshell"}, MaxRetries=1),
            lambda: self._call(
                "CreateTrigger", Name="s", Type="ON_DEMAND", WorkflowName="w", Actions=[{"JobName": "a"}]
            ),
            lambda: self._call(
                "CreateTrigger",
                Name="c",
                Type="CONDITIONAL",
                WorkflowName="w",
                StartOnCreation=True,
                Predicate={"Conditions": [condition]},
                Actions=[{"JobName": "b"}],
            ),
            self._start,
            lambda: self._event("a", lambda now: Started(now, 0)),
            lambda: self._call(
                "PutWorkflowRunProperties", Name="w", RunId=self.run_id, RunProperties={"p": "1", "q": "2"}
            ),
            lambda: self._event("a", lambda now: Exited(now, 0, 0)),
            lambda: self._event("b", lambda now: Started(now, 0)),
            lambda: self._event("b", lambda now: Exited(now, 0, 1, "broken")),
            lambda: self._event("b", lambda now: Started(now, 1)),
            lambda: self._event("b", lambda now: Exited(now, 1, 0)),
            *self._steps_outside(),
        ]

    def _steps_outside(self) -> list[Callable[[], None]]:
        """What a trigger starts makes another fire, and two events start a workflow."""
        condition = {"LogicalOperator": "EQUALS", "JobName": "a", "State": "SUCCEEDED"}
        return [
            lambda: self._call("CreateTrigger", Name="hand", Type="ON_DEMAND", Actions=[{"JobName": "a"}]),
            lambda: self._call(
                "CreateTrigger",
                Name="follow",
                Type="CONDITIONAL",
                StartOnCreation=True,
                Predicate={"Conditions": [condition]},
                Actions=[{"JobName": "b"}],
            ),
            lambda: self._call("StartTrigger", Name="hand"),
            lambda: self._event("a", lambda now: Exited(now, 0, 0)),
            lambda: self._call("CreateWorkflow", Name="events"),
            lambda: self._call(
                "CreateTrigger",
                Name="e",
                Type="EVENT",
                WorkflowName="events",
                EventBatchingCondition={"BatchSize": 2},
                Actions=[{"JobName": "a"}],
            ),
            lambda: self._arrive("e1"),
            lambda: self._arrive("e2"),
        ]

    def dump(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table."""

        def work(tx: sqlite3.Connection) -> dict[str, list[tuple[Any, ...]]]:
            names = [row[0] for row in tx.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {name: sorted(map(repr, map(tuple, tx.execute(f"SELECT * FROM {name}")))) for name in names}  # type: ignore[misc]

        return self.glue.database.read(work)

    def outcome(self) -> Outcome:
        """How the story ended."""
        run = self._call("GetWorkflowRun", Name="w", RunId=self.run_id)["Run"]
        runs = self._call("GetJobRuns", JobName="b")["JobRuns"]
        followers = [one for one in runs if one["TriggerName"] == "follow"]
        batches = [one["WorkflowRunProperties"] for one in self._call("GetWorkflowRuns", Name="events")["Runs"]]
        return Outcome(
            run["Status"], run["Statistics"], run["WorkflowRunProperties"], len(followers), batches
        )

    def _call(self, operation: str, **request: Any) -> dict[str, Any]:
        return self.glue.glue.call(operation, request, CONTEXT)

    def _start(self) -> None:
        self.run_id = self._call("StartWorkflowRun", Name="w")["RunId"]

    def _arrive(self, event_id: str) -> None:
        engine = self.glue.engine
        engine.write(lambda tx: engine.windows.arrived(tx, "events", event_id))

    def _event(self, job: str, event: Callable[[float], Event]) -> None:
        """Something happens to the newest attempt of a job."""
        runs_of_job = self._call("GetJobRuns", JobName=job)["JobRuns"]
        newest = next(one["Id"] for one in runs_of_job if one["JobRunState"] in ("STARTING", "RUNNING"))
        runs: JobRuns = self.glue.engine.job_runs
        self.glue.engine.write(lambda tx: runs.event(tx, newest, event(self._clock.now())))


@pytest.fixture(autouse=True)
def _failing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(database, "CONNECTION", FailingConnection)
    FailingConnection.fail_at = FailingConnection.writes = 0
    yield
    FailingConnection.fail_at = 0


def _outcome_of(path: Path, fail_at: int, *, reopens: bool = True) -> tuple[bool, Outcome]:
    """Tell the story with one failing write; whether it came to that, and how the story ended.

    A step that fails must leave every row as it was, in the open store and after reopening, and is repeated;
    without reopening by the same server, which must have forgotten what it had in memory of it.
    """
    with Story(path) as story:
        FailingConnection.writes, FailingConnection.fail_at = 0, fail_at
        failed = False
        for step in story.steps():
            before = story.dump()
            try:
                step()
            except sqlite3.OperationalError:
                failed = True
                assert story.dump() == before, f"write {fail_at} left something half-done"
                if reopens:
                    story.close()
                    story.open()
                    assert story.dump() == before, f"write {fail_at} left something half-done on disk"
                step()
        return failed, story.outcome()


@pytest.mark.parametrize("reopens", [True, False])
def test_each_write_in_turn_fails_and_nothing_is_half_done(tmp_path: Path, reopens: bool) -> None:
    """The N-th SQLite write fails, for every N: nothing half-done, and the repeated step succeeds."""
    _, unharmed = _outcome_of(tmp_path / "unharmed", fail_at=0)
    assert unharmed.status == "COMPLETED"
    assert unharmed.statistics["SucceededActions"] == 2
    assert unharmed.properties == {"k": "v", "p": "1", "q": "2"}
    assert (unharmed.followers, unharmed.batches) == (1, [{"aws:eventIds": '["e1", "e2"]'}])
    for number in range(1, MOST_WRITES):
        failed, outcome = _outcome_of(tmp_path / str(number), fail_at=number, reopens=reopens)
        assert outcome == unharmed
        if not failed:
            assert number > 30, "the story writes far more than that"
            return
    pytest.fail(f"the story takes more than {MOST_WRITES} writes")


def test_a_disk_that_is_full_undoes_the_step_and_is_survived(tmp_path: Path) -> None:
    """Disk full, as SQLite itself reports it: nothing half-done, and room makes it work again."""
    with Story(tmp_path / "data") as story:
        steps = story.steps()
        for step in steps[:5]:
            step()
        pages = story.glue.database.read(lambda tx: tx.execute("PRAGMA page_count").fetchone()[0])
        limit = story.glue.database.write
        limit(lambda tx: tx.execute(f"PRAGMA max_page_count = {pages}").fetchone())
        before = story.dump()
        with pytest.raises(OSError, match="No space left on device"):
            story.glue.glue.call("CreateWorkflow", {"Name": "big", "Description": "x" * 100_000}, CONTEXT)
        assert story.dump() == before
        limit(lambda tx: tx.execute("PRAGMA max_page_count = 1000000").fetchone())
        for step in steps[5:]:
            step()
        assert story.outcome().status == "COMPLETED"
