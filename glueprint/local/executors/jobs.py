"""Starts the processes of job runs, and stores how they start and end."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from glueprint.environments.installed import Environment
from glueprint.facts.states import JobState
from glueprint.iam.evaluation import Request
from glueprint.local.access import Access, AccessDenied
from glueprint.local.access.access import JOB_SESSION
from glueprint.local.clock import Clock
from glueprint.local.engine import attempt_rows
from glueprint.local.engine.attempt_rows import Submission
from glueprint.local.engine.engine import Engine
from glueprint.local.events import Events, S3Events
from glueprint.local.executors.endings import close_logs
from glueprint.local.executors.environments import archive_of, choose
from glueprint.local.executors.fetch import NotFetched, fetch
from glueprint.local.executors.processes import Alive, Ended, Lost, NotStarted, Processes, Status, exit_code
from glueprint.local.executors.server_settings import ServerSettings
from glueprint.local.faults import FaultPoint, reached
from glueprint.local.glue.crawling.connections import CONNECTIONS
from glueprint.local.logs import Logs, prepare_log
from glueprint.local.s3 import ObjectCreated, S3Store
from glueprint.local.store import Database
from glueprint.local.store.database import Connection
from glueprint.local.store.resources import Document, Resources
from glueprint.runtime.launch.jobs import JobLaunch, UnsupportedJob, job_process
from glueprint.runtime.parameters.arguments import merge_arguments, redacted
from glueprint.runtime.parameters.s3_files import FileToFetch, files_to_fetch
from glueprint.workflow.attempt_events import Event, Exited, Refused, Started
from glueprint.workflow.attempt_events import Lost as AttemptLost

logger = logging.getLogger(__name__)

STOPPED_WITH_SERVER = "The local Glue was stopped while the job ran."
"""The error of an attempt that an orderly end of `serve` ended; a stop that was requested has no error."""


@dataclass(frozen=True)
class _Ready:
    """What the store knows of a run that is to be launched; ``drivers`` are those of the job's connections."""

    submission: Submission
    attempt: int
    job: Document
    drivers: tuple[FileToFetch, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """What the store knows of a run whose process has changed.

    Attributes:
        attempt: its number.
        log_group: without ``/output`` or ``/error``.
        awaited_since: when user code started, epoch seconds; None if it never did, or if no rule wants events of
            files that it wrote.
    """

    attempt: int
    log_group: str
    awaited_since: float | None


class JobExecutor:
    """Carries out actions of the attempt machine, and reports processes to it as events."""

    _jobs = Resources("job")

    def __init__(
        self,
        database: Database,
        clock: Clock,
        engine: Engine,
        settings: ServerSettings,
        s3: S3Store,
        logs: Logs,
        events: Events,
        s3_events: S3Events,
        prepare: Callable[[Environment | None], None],
        access: Access,
    ) -> None:
        """``prepare`` is called with the environment of each run: others may follow in the same one."""
        self._database = database
        self._clock = clock
        self._engine = engine
        self._settings = settings
        self._s3 = s3
        self._logs = logs
        self._events = events
        self._s3_events = s3_events
        self._prepare = prepare
        self._access = access

    def launch(self, processes: Processes, run_id: str) -> None:
        """Start the job run's process, unless the run has ended or is being stopped."""
        ready = self._database.read(lambda tx: self._look(tx, run_id))
        if ready is None:
            self.release(run_id)
            return
        if processes.resume(run_id):
            return
        if not ready.job:
            reason = f"Job {ready.submission.job_name} was deleted before its run could start."
            self._report(run_id, lambda now: Refused(now, ready.attempt, JobState.ERROR, reason))
            return
        try:
            spec = job_process(self._launch_of(processes.run_dir(run_id), run_id, ready))
        except (UnsupportedJob, NotFetched, AccessDenied) as error:
            refusal = str(error)
            self._report(run_id, lambda now: Refused(now, ready.attempt, JobState.FAILED, refusal))
            return
        reached(FaultPoint.FILES_READY, "job")
        processes.start(run_id, spec)

    def changed(self, run_id: str, status: Status) -> None:
        """Report that the job run's process has started or ended."""
        known = self._database.read(lambda tx: self._known(tx, run_id))
        if known is None:
            self.release(run_id)
            return
        attempt = known.attempt
        match status:
            case Alive():
                started = Started(status.started_at, attempt)
                reached(FaultPoint.START_SEEN)
                self._engine.write(lambda tx: self._engine.job_runs.event(tx, run_id, started))
                reached(FaultPoint.START_STORED)
            case Ended():
                self._close_logs(run_id, known.log_group, status)
                error = STOPPED_WITH_SERVER if status.stopped and status.error is None else status.failure
                code = exit_code(status)
                self._report(
                    run_id,
                    lambda now: Exited(now, attempt, code, error, status.started_at, status.ended_at),
                    known.awaited_since,
                )
            case Lost():
                self._report(run_id, lambda now: AttemptLost(now, attempt, status.reason), known.awaited_since)
            case NotStarted():
                pass

    def release(self, run_id: str) -> None:
        """Free the slot of the job run."""
        self._engine.slots.release(run_id)
        self._engine.wake()

    def _close_logs(self, run_id: str, group: str, status: Ended) -> None:
        """Complete the run's logs: its process writes nothing more."""
        logger.info("job run %s %s", run_id, close_logs(self._settings.logs_root, group, run_id, status))
        for stream in ("output", "error"):
            self._logs.seal(f"{group}/{stream}", run_id)

    def _report(self, run_id: str, event: Callable[[float], Event], awaited_since: float | None = None) -> None:
        """Report an end to the attempt machine, and the files that were written meanwhile to the event bus."""
        reached(FaultPoint.END_SEEN, "job")
        written = [] if awaited_since is None else self._files_written(awaited_since)

        def work(tx: Connection) -> None:
            self._events.put(tx, self._s3_events.events(written))
            self._engine.job_runs.event(tx, run_id, event(self._clock.now()))

        self._engine.write(work)
        reached(FaultPoint.END_STORED, "job")
        for created in written:
            self._s3_events.remember(created)
        self.release(run_id)

    def _files_written(self, started: float) -> list[ObjectCreated]:
        """Return the objects that a job's Spark wrote into buckets as files, not through S3."""
        written: list[ObjectCreated] = []
        for bucket in filter(self._s3_events.sends, self._s3.bucket_names()):
            now = self._s3.listing(bucket)
            before = [one for one in now if one.modified < started]
            written += self._s3_events.written_as_files(self._s3, bucket, before, now)
        return written

    def _known(self, tx: Connection, run_id: str) -> _Known | None:
        submission = attempt_rows.submission_of(tx, run_id)
        if submission is None:
            return None
        row = tx.execute("SELECT attempt, started FROM job_run WHERE id = ?", (run_id,)).fetchone()
        awaited = row["started"] if self._events.has_subscribers(tx) else None
        return _Known(row["attempt"], submission.settings["LogGroupName"], awaited)

    def _look(self, tx: Connection, run_id: str) -> _Ready | None:
        submission = attempt_rows.submission_of(tx, run_id)
        row = tx.execute("SELECT state, attempt FROM job_run WHERE id = ?", (run_id,)).fetchone()
        if submission is None or row["state"] not in (JobState.STARTING, JobState.RUNNING):
            return None
        job = self._jobs.get(tx, submission.job_name) or {}
        return _Ready(submission, row["attempt"], job, tuple(_drivers(tx, job)))

    def _launch_of(self, run_dir: Path, run_id: str, ready: _Ready) -> JobLaunch:
        """Copy the script and the files of its parameters to the run directory, and return how to run it.

        Raises:
            AccessDenied: the job's role does not trust Glue, or may not read an object.
            NotFetched: an object cannot be read.
            UnsupportedJob: the run needs a runtime that is not installed.
        """
        job, settings, server = ready.job, ready.submission.settings, self._settings
        arguments = merge_arguments(
            job.get("DefaultArguments", {}),
            settings.get("Arguments", {}),
            job.get("NonOverridableArguments", {}),
        )
        command = job["Command"].get("Name", "glueetl")
        chosen = choose(command, settings.get("GlueVersion"), arguments)
        logger.info("job run %s of %s: %s", run_id, ready.submission.job_name, redacted(arguments))
        location = arguments.get("--scriptLocation") or job["Command"]["ScriptLocation"]
        script = FileToFetch("ScriptLocation", location)
        drivers = ready.drivers if command == "glueetl" else ()
        others = [*files_to_fetch(command, arguments, self._s3.bucket_names()), *drivers]
        self._check_role(str(job.get("Role", "")), [location, *(one.location for one in others)])
        fetched = fetch(
            self._s3,
            [
                (script, run_dir / "script"),
                *((one, run_dir / "work" / ".fetched" / str(number)) for number, one in enumerate(others)),
            ],
        )
        group = settings["LogGroupName"]
        found = chosen.environment
        self._prepare(found)
        return JobLaunch(
            host=server.host_of(run_id),
            environment=found,
            command=command,
            job_name=ready.submission.job_name,
            job_run_id=run_id,
            script=fetched[location],
            arguments=arguments,
            python_version=job["Command"].get("PythonVersion"),
            worker_type=settings.get("WorkerType"),
            number_of_workers=settings.get("NumberOfWorkers"),
            buckets=tuple(self._s3.bucket_names()),
            work_dir=run_dir / "work",
            stdout=prepare_log(server.logs_root, f"{group}/output", run_id),
            stderr=prepare_log(server.logs_root, f"{group}/error", run_id),
            fetched=fetched,
            drivers=(*(fetched[one.location] for one in drivers), *server.drivers()),
            class_archive=archive_of(found) if found and server.class_archives else None,
            notes=chosen.notes,
        )

    def _check_role(self, role: str, locations: Sequence[str]) -> None:
        """Refuse to start a job whose role may not read its script and files, which Glue reads in its name.

        Raises:
            AccessDenied: it may not, or Glue cannot assume it.
        """
        where = self._access.location
        objects = [one.partition("://")[2].partition("/") for one in locations if one.startswith("s3")]
        requests = [Request("s3:GetObject", where.bucket(bucket, key)) for bucket, _, key in objects]
        self._access.check_role(role, JOB_SESSION, requests)


def _drivers(tx: Connection, job: Document) -> Iterator[FileToFetch]:
    """Return the JARs of the JDBC drivers that the job's connections name."""
    for name in job.get("Connections", {}).get("Connections", ()):
        connection = CONNECTIONS.get(tx, name) or {}
        if jar := connection.get("ConnectionProperties", {}).get("JDBC_DRIVER_JAR_URI"):
            yield FileToFetch(f"JDBC_DRIVER_JAR_URI of connection {name}", jar)
