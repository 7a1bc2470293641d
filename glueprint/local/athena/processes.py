"""The processes of queries: a few at once, each with limits, one kept warm for the next."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from glueprint.local.athena import rows
from glueprint.local.athena.family import Transaction
from glueprint.local.athena.rows import Execution
from glueprint.local.clock import Clock
from glueprint.local.store import Database
from glueprint.local.store.damage import DatabaseError
from glueprint.query.specification import QueryAnswer, QuerySpec

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 30 * 60
"""Athena's own limit of DML queries (user guide, "Service Quotas")."""
MEMORY_BYTES = 2 * 1024**3
_WARM_SECONDS = 300
"""How long a warm process waits for a query."""
_STOPPED = "Query cancelled by user"


@dataclass(frozen=True, slots=True)
class QueryPlace:
    """Where queries run and what they reach.

    Attributes:
        folder: below it each query has a folder of its own while it runs.
        objects: the folder of S3's objects.
        environment: the variables with which AWS clients reach this Glue.
        slots: how many queries run at once.
    """

    folder: Path
    objects: Path
    environment: Mapping[str, str] = field(repr=False)
    slots: int = max(2, min(4, os.cpu_count() or 1))


class QueryProcesses:
    """Runs queries that are stored as QUEUED."""

    def __init__(
        self, database: Database, clock: Clock, place: QueryPlace, timeout_seconds: float = TIMEOUT_SECONDS
    ) -> None:
        self._database = database
        self._clock = clock
        self._place = place
        self._timeout_seconds = timeout_seconds
        self._waiting: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._running: dict[str, subprocess.Popen[str]] = {}
        self._stopped: set[str] = set()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._warm: subprocess.Popen[str] | None = None
        self._warm_timer: threading.Timer | None = None
        self._is_closed = False

    def recover(self) -> None:
        """Run what waited when an earlier server ended; what ran then has failed."""
        shutil.rmtree(self._place.folder, ignore_errors=True)

        def work(tx: Transaction) -> list[str]:
            waiting = []
            for one in rows.active(tx):
                if one.state == "QUEUED":
                    waiting.append(one.id)
                else:
                    self._fail(
                        tx,
                        one.id,
                        "INTERNAL_ERROR_QUERY_ENGINE: the local Glue ended while the query ran",
                        retryable=True,
                    )
            return waiting

        for id_ in self._database.write(work):
            self.submit(id_)

    def submit(self, id_: str) -> None:
        """Run a query as soon as a slot is free."""
        with self._lock:
            if self._is_closed:
                return
            if len(self._threads) < self._place.slots:
                thread = threading.Thread(target=self._work, name="athena-query", daemon=True)
                self._threads.append(thread)
                thread.start()
        self._waiting.put(id_)

    def stop(self, id_: str) -> None:
        """End a query; one that has ended stays as it is."""
        changed = self._database.write(
            lambda tx: rows.change(tx, id_, "CANCELLED", completed=self._clock.now(), reason=_STOPPED)
        )
        with self._lock:
            process = self._running.get(id_)
            if changed and process is not None:
                self._stopped.add(id_)
                _end(process)

    def close(self) -> None:
        """End all processes; queries that ran have failed, those that wait stay QUEUED."""
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
            processes, warm = list(self._running.values()), self._warm
            self._warm = None
            self._cancel_timer()
        for process in processes:
            _end(process)
        if warm is not None:
            _end(warm)
            _close_pipes(warm)
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join(5)

    def forget(self) -> None:
        """End all queries: everything is being forgotten (``serve --ephemeral``)."""
        with self._lock:
            self._stopped |= set(self._running)
            processes = list(self._running.values())
        for process in processes:
            _end(process)

    def _work(self) -> None:
        while (id_ := self._waiting.get()) is not None:
            try:
                self._run(id_)
            except DatabaseError:
                return  # the store is closed: the next server finds the query as it is
            except Exception as error:  # logged; the thread goes on with the next query
                logger.exception("the query %s failed", id_)
                reason = f"INTERNAL_ERROR_QUERY_ENGINE: {type(error).__name__}: {error}"
                with contextlib.suppress(DatabaseError):
                    self._report_fault(id_, reason)

    def _run(self, id_: str) -> None:
        with self._lock:
            if self._is_closed:
                return
        started = self._clock.now()
        if not self._database.write(lambda tx: rows.change(tx, id_, "RUNNING", started=started)):
            return
        execution = self._database.read(lambda tx: rows.get(tx, id_))
        folder = self._place.folder / id_
        folder.mkdir(parents=True, mode=0o700)
        try:
            answer = self._answer(execution, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        if answer is not None:
            self._database.write(lambda tx: self._ended(tx, id_, answer))

    def _answer(self, execution: Execution, folder: Path) -> QueryAnswer | None:
        """Run the process; None if the query was stopped."""
        spec = self._spec(execution, folder)
        files = folder / "spec.json", folder / "answer.json"
        files[0].write_text(spec.to_json(), encoding="utf-8")
        with self._lock:
            process = None if self._is_closed else self._start()
            if process is not None:
                self._running[execution.id] = process
        if process is None:
            return QueryAnswer(
                "INTERNAL_ERROR_QUERY_ENGINE: the local Glue is being stopped", is_users_error=False
            )
        try:
            with contextlib.suppress(BrokenPipeError):
                assert process.stdin is not None
                process.stdin.write(f"{files[0]}\t{files[1]}\n")
                process.stdin.flush()
            threading.Thread(target=self._prepare_next, daemon=True).start()
            try:
                process.wait(self._timeout_seconds)
            except subprocess.TimeoutExpired:
                _end(process)
                return QueryAnswer(
                    f"Query timeout: it ran longer than {self._timeout_seconds / 60:.0f} minutes"
                )
        finally:
            with self._lock:
                self._running.pop(execution.id, None)
                was_stopped = execution.id in self._stopped
                self._stopped.discard(execution.id)
            _close_pipes(process)
        if was_stopped:
            return None
        if files[1].is_file():
            return QueryAnswer.from_json(files[1].read_text(encoding="utf-8"))
        if self._is_closed:
            return QueryAnswer(
                "INTERNAL_ERROR_QUERY_ENGINE: the local Glue ended while the query ran", is_users_error=False
            )
        reason = f"the query's process ended with status {process.returncode}"
        if process.returncode in (-9, -6, -11):
            reason += ": it probably needed more memory than it may use"
        return QueryAnswer(f"INTERNAL_ERROR_QUERY_ENGINE: {reason}", is_users_error=False)

    def _spec(self, execution: Execution, folder: Path) -> QuerySpec:
        request = execution.request
        work = folder / "work"
        work.mkdir(mode=0o700)
        return QuerySpec(
            execution.id,
            request["QueryString"],
            (request.get("QueryExecutionContext") or {}).get("Database") or "default",
            request["ResultConfiguration"]["OutputLocation"],
            str(work.absolute()),
            execution.work_group,
            tuple(request.get("ExecutionParameters") or ()),
            str(self._place.objects.absolute()),
            MEMORY_BYTES,
        )

    # Processes

    def _start(self) -> subprocess.Popen[str]:
        """The warm process if it is there, or else a new one. Called with the lock."""
        warm, self._warm = self._warm, None
        self._cancel_timer()
        if warm is not None and warm.poll() is None:
            return warm
        return self._launch()

    def _launch(self) -> subprocess.Popen[str]:
        root = str(Path(__file__).resolve().parents[3])
        return subprocess.Popen(
            [sys.executable, "-m", "glueprint.query"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            env={
                **self._place.environment,
                "LANG": "C.UTF-8",
                "PATH": "/usr/bin:/bin",
                "PYTHONPATH": root,
                "TZ": "UTC",
            },
            start_new_session=True,
        )

    def _prepare_next(self) -> None:
        with self._lock:
            if self._warm is None and not self._is_closed:
                self._warm = self._launch()
                self._warm_timer = threading.Timer(_WARM_SECONDS, self._end_warm, (self._warm,))
                self._warm_timer.daemon = True
                self._warm_timer.start()

    def _cancel_timer(self) -> None:
        """A timer is a thread: none is left for a process that has been used. Called with the lock."""
        if self._warm_timer is not None:
            self._warm_timer.cancel()
            self._warm_timer = None

    def _end_warm(self, process: subprocess.Popen[str]) -> None:
        with self._lock:
            if self._warm is not process:
                return
            self._warm = None
        _end(process)
        _close_pipes(process)

    # States

    def _report_fault(self, id_: str, reason: str) -> None:
        self._database.write(lambda tx: self._fail(tx, id_, reason, retryable=True))

    def _ended(self, tx: Transaction, id_: str, answer: QueryAnswer) -> None:
        if answer.error is not None:
            self._fail(tx, id_, answer.error, retryable=False, is_users=answer.is_users_error)
            return
        rows.change(
            tx,
            id_,
            "SUCCEEDED",
            completed=self._clock.now(),
            columns=list(answer.columns),
            output=answer.output,
            manifest=answer.manifest,
            update_count=answer.update_count,
            statistics=dict(answer.statistics),
        )

    def _fail(
        self, tx: Transaction, id_: str, reason: str, *, retryable: bool, is_users: bool = False
    ) -> None:
        error = {"ErrorCategory": 2 if is_users else 1, "Retryable": retryable, "ErrorMessage": reason}
        rows.change(tx, id_, "FAILED", completed=self._clock.now(), reason=reason, error=error)


def _end(process: subprocess.Popen[str]) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(5)


def _close_pipes(process: subprocess.Popen[str]) -> None:
    with contextlib.suppress(OSError):
        if process.stdin is not None:
            process.stdin.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(5)
