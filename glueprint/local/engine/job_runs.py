"""Job runs: each event decided by the attempt machine and stored within the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, assert_never

from glueprint.facts.long_text import shortened
from glueprint.facts.predicate import Node
from glueprint.facts.states import ACTIVE_JOB_STATES, ADMITTED_JOB_STATES, JobState, NodeKind, is_final
from glueprint.local.clock import Clock
from glueprint.local.engine import attempt_rows
from glueprint.local.engine.attempt_rows import Invoker, Submission
from glueprint.local.engine.capacity import dpus
from glueprint.local.engine.listener import EndOutsideWorkflow, RunListener
from glueprint.local.engine.pending_actions import ActionKind, add_action
from glueprint.local.engine.timer_rows import AttemptTimer, cancel_timer, set_timer
from glueprint.local.engine.workflow_runs import WorkflowRuns
from glueprint.local.identifiers import attempt_id, job_run_id
from glueprint.local.protocol import ApiError
from glueprint.local.store.database import Connection
from glueprint.local.store.literals import text_list
from glueprint.local.store.resources import Document, Resources
from glueprint.workflow.admission import Admit, Fail, Refuse, Request, StartedBy, Wait, admit
from glueprint.workflow.attempt import decide, evolve
from glueprint.workflow.attempt_events import (
    Admitted,
    AttemptChanged,
    AttemptSpec,
    CancelTimer,
    Ended,
    Event,
    Exited,
    Launch,
    Lost,
    NotifyDelay,
    Owed,
    Queued,
    Refused,
    SetTimer,
    StopRequested,
    Submitted,
    Terminate,
)
from glueprint.workflow.run import StartNode

SPARK_LOG_GROUP = "/aws-glue/jobs"
PYTHON_SHELL_LOG_GROUP = "/aws-glue/python-jobs"

DPUS = "dpus"
"""In addition to the members of ``JobRun`` in a run's settings: see :mod:`glueprint.local.engine.capacity`."""
_RUN_SETTINGS = (
    "JobMode",
    "MaxCapacity",
    "WorkerType",
    "NumberOfWorkers",
    "SecurityConfiguration",
    "GlueVersion",
    "ExecutionClass",
    "MaintenanceWindow",
    "JobRunQueuingEnabled",
    "NotificationProperty",
)
"""Members of ``JobRun`` that come from the job's definition unless the run overrides them."""

_IS_ACTIVE = f"state IN {text_list(ACTIVE_JOB_STATES)}"
"""The condition of the index ``job_run_active``, so that a query reads it and not all runs of the job."""
COUNT_ADMITTED = f"""
    SELECT count(*) FROM job_run WHERE job_name = ? AND {_IS_ACTIVE} AND state IN {text_list(ADMITTED_JOB_STATES)}
"""
WAITING_RUNS = f"""
    SELECT id, attempt FROM job_run WHERE job_name = ? AND state = ? AND {_IS_ACTIVE} ORDER BY +submitted, rowid
"""


@dataclass(frozen=True)
class RunRequest:
    """What a start sets in addition to the job's definition."""

    arguments: Mapping[str, str] = field(default_factory=dict)
    timeout: int | None = None
    """Minutes."""
    notify_delay_after: int | None = None
    """Minutes."""
    overrides: Mapping[str, Any] = field(default_factory=dict)
    """Members of ``StartJobRun``: capacity, SecurityConfiguration, ExecutionClass, JobRunQueuingEnabled."""


class JobRuns:
    """Submits jobs, hands events to their attempts, and carries out what they decide."""

    _jobs = Resources("job")

    def __init__(
        self, clock: Clock, workflow_runs: WorkflowRuns, on_end: EndOutsideWorkflow, listener: RunListener
    ) -> None:
        """``on_end`` is called for job runs outside workflow runs, ``listener`` is notified of all job runs."""
        self._clock = clock
        self._workflow_runs = workflow_runs
        self._on_end = on_end
        self._listener = listener
        self._admitting: set[str] = set()

    def submit(
        self, tx: Connection, job_name: str, request: RunRequest, invoker: Invoker | None = None
    ) -> str:
        """Request a run of a job; return its id.

        ``invoker`` is set for a trigger's request: a refusal is then recorded as a run that ended in ERROR or
        FAILED, instead of being raised (docs/facts/jobs.md#concurrency).

        Raises:
            ApiError: ConcurrentRunsExceededException, for a run that no trigger started.
        """
        job = self._jobs.get(tx, job_name)
        verdict = admit(_admission(job_name, job, request, invoker), _admitted_runs(tx, job_name))
        if isinstance(verdict, Refuse):
            raise ApiError("ConcurrentRunsExceededException", verdict.message)
        submission = Submission(
            job_run_id(), job_name, _spec(job, request), _settings(job, request), invoker or Invoker()
        )
        attempt_rows.insert(tx, submission)
        now = self._clock.now()
        match verdict:
            case Fail():
                self._event(tx, submission, Submitted(now, submission.spec), launch=False)
                self._event(tx, submission, Refused(now, 0, verdict.state, verdict.message))
            case Wait():
                self._event(tx, submission, Submitted(now, submission.spec), launch=False)
                self._event(tx, submission, Queued(now, 0, verdict.reason))
            case Admit():
                self._event(tx, submission, Submitted(now, submission.spec))
            case _:
                assert_never(verdict)
        return submission.id

    def start_node(self, tx: Connection, run_id: str, workflow: str, owed: StartNode) -> None:
        """Start a job for a trigger of a workflow run; it gets the run's name and id as arguments."""
        action = owed.action
        request = RunRequest(
            {**action.arguments, "--WORKFLOW_NAME": workflow, "--WORKFLOW_RUN_ID": run_id},
            action.timeout,
            action.notify_delay_after,
            {"SecurityConfiguration": action.security_configuration},
        )
        invoker = Invoker(run_id, owed.seq, owed.trigger, self._predecessors(tx, run_id, owed.predecessors))
        self.submit(tx, action.node.name, request, invoker)

    def stop_node(self, tx: Connection, run_id: str, seq: int) -> None:
        """Stop the job run of an invocation: its workflow run is being stopped."""
        submission = attempt_rows.submission_for(tx, run_id, seq)
        if submission is not None:
            self._event(tx, submission, StopRequested(self._clock.now()))

    def stop(self, tx: Connection, run_id: str) -> None:
        """Stop one job run (BatchStopJobRun).

        Raises:
            KeyError: there is no such job run.
        """
        self.event(tx, run_id, StopRequested(self._clock.now()))

    def event(self, tx: Connection, run_id: str, event: Event) -> None:
        """Handle an event of a job run.

        Raises:
            KeyError: there is no such job run.
        """
        submission = attempt_rows.submission_of(tx, run_id)
        if submission is None:
            raise KeyError(run_id)
        self._event(tx, submission, event)

    def _event(self, tx: Connection, submission: Submission, event: Event, *, launch: bool = True) -> None:
        state = attempt_rows.load(tx, submission)
        before = state.state
        decision = decide(state, _with_short_texts(event))
        for change in decision.changes:
            attempt_rows.store(tx, submission, change)
            evolve(state, change)
            if isinstance(change, AttemptChanged) and is_final(change.state):
                run_id = attempt_id(submission.id, change.number)
                self._listener.job_run_ended(tx, submission.job_name, run_id, change.state, change.error)
        invoker, after = submission.invoker, state.state
        if invoker.workflow_run_id is not None and invoker.seq is not None and after is not None:
            ended = any(isinstance(owed, Ended) for owed in decision.owed)
            if after != before and (ended or not is_final(after)):
                self._workflow_runs.node_changed(tx, invoker.workflow_run_id, invoker.seq, after)
        for owed in decision.owed:
            if launch or not isinstance(owed, Launch):
                self._owe(tx, submission, owed)

    def _owe(self, tx: Connection, submission: Submission, owed: Owed) -> None:
        match owed:
            case Launch():
                add_action(tx, ActionKind.LAUNCH_JOB, attempt_id(submission.id, owed.number))
            case Terminate():
                add_action(tx, ActionKind.STOP_JOB, attempt_id(submission.id, owed.number))
            case SetTimer():
                set_timer(tx, AttemptTimer(submission.id, owed.timer), owed.due)
            case CancelTimer():
                cancel_timer(tx, AttemptTimer(submission.id, owed.timer))
            case NotifyDelay():
                self._notify_delay(tx, submission, owed)
            case Ended():
                self._admit_waiting(tx, submission.job_name)
                self._report_end(tx, submission, owed.state)
            case _:
                assert_never(owed)

    def _report_end(self, tx: Connection, submission: Submission, state: JobState) -> None:
        """Report an end outside workflow runs, which conditional triggers may wait for."""
        if submission.invoker.workflow_run_id is None:
            node = Node(NodeKind.JOB, submission.job_name)
            self._on_end(tx, node, state, self._last_run(tx, submission), submission.invoker.trigger is not None)

    def _notify_delay(self, tx: Connection, submission: Submission, owed: NotifyDelay) -> None:
        attempt = attempt_rows.load(tx, submission).attempts[owed.number]
        run_id, minutes = attempt_id(submission.id, owed.number), submission.spec.notify_delay_after or 0
        self._listener.job_run_delayed(
            tx, submission.job_name, run_id, owed.state, minutes, attempt.added_at
        )

    def _last_run(self, tx: Connection, submission: Submission) -> str:
        return attempt_id(submission.id, attempt_rows.load(tx, submission).attempts[-1].number)

    def named(self, tx: Connection, run_id: str) -> Mapping[str, str] | None:
        """Return a job run as ``Predecessor``; None if the id is not a job run's (but a crawl's)."""
        submission = attempt_rows.submission_of(tx, run_id)
        return None if submission is None else {"JobName": submission.job_name, "RunId": run_id}

    def _admit_waiting(self, tx: Connection, job_name: str) -> None:
        """Admit waiting runs of a job of which one has ended, oldest first.

        A run that is refused instead ends as well and calls this again: the loop that refused it goes on.
        """
        if job_name in self._admitting:
            return
        self._admitting.add(job_name)
        try:
            self._admit_each(tx, job_name)
        finally:
            self._admitting.discard(job_name)

    def _admit_each(self, tx: Connection, job_name: str) -> None:
        rows = tx.execute(WAITING_RUNS, (job_name, JobState.WAITING)).fetchall()
        for row in rows:
            submission = attempt_rows.submission_of(tx, row["id"])
            assert submission is not None  # the row's own foreign key
            request = RunRequest(overrides={"JobRunQueuingEnabled": True})
            verdict = admit(
                _admission(job_name, self._jobs.get(tx, job_name), request, submission.invoker),
                _admitted_runs(tx, job_name),
            )
            now = self._clock.now()
            match verdict:
                case Admit():
                    self._event(tx, submission, Admitted(now, row["attempt"]))
                    add_action(tx, ActionKind.LAUNCH_JOB, row["id"])
                case Fail():
                    self._event(tx, submission, Refused(now, row["attempt"], verdict.state, verdict.message))
                case Wait() | Refuse():
                    return

    def _predecessors(self, tx: Connection, run_id: str, seqs: tuple[int, ...]) -> tuple[Mapping[str, str], ...]:
        found = []
        for seq in seqs:
            submission = attempt_rows.submission_for(tx, run_id, seq)
            if submission is not None:
                found.append({"JobName": submission.job_name, "RunId": self._last_run(tx, submission)})
        return tuple(found)


def _with_short_texts(event: Event) -> Event:
    """Return the event as it is stored: its text is what each listing of runs contains."""
    match event:
        case Exited(error=str(error)):
            return replace(event, error=shortened(error))
        case Lost() | Refused():
            return replace(event, reason=shortened(event.reason))
        case _:
            return event


def _admitted_runs(tx: Connection, job_name: str) -> int:
    """Return the number of runs that count towards the job's MaxConcurrentRuns."""
    found: int = tx.execute(COUNT_ADMITTED, (job_name,)).fetchone()[0]
    return found


def _admission(job_name: str, job: Document | None, request: RunRequest, invoker: Invoker | None) -> Request:
    by_trigger = invoker is not None and invoker.trigger is not None
    started_by = StartedBy.TRIGGER if by_trigger else StartedBy.CALL
    if job is None:
        return Request(job_name, started_by, exists=False)
    queuing = request.overrides.get("JobRunQueuingEnabled", job.get("JobRunQueuingEnabled", False))
    return Request(
        job_name, started_by, True, job["ExecutionProperty"]["MaxConcurrentRuns"], queuing_enabled=bool(queuing)
    )


def _spec(job: Document | None, request: RunRequest) -> AttemptSpec:
    if job is None:
        return AttemptSpec()
    notify = job.get("NotificationProperty", {}).get("NotifyDelayAfter")
    return AttemptSpec(
        max_retries=job["MaxRetries"],
        timeout_minutes=request.timeout or job.get("Timeout"),
        notify_delay_after=request.notify_delay_after or notify,
    )


def _settings(job: Document | None, request: RunRequest) -> Document:
    """Return the members of ``JobRun`` for this run."""
    if job is None:
        return {"Arguments": dict(request.arguments)}
    given = {name: value for name, value in request.overrides.items() if value is not None}
    settings = {name: job[name] for name in _RUN_SETTINGS if name in job} | given
    if request.notify_delay_after is not None:
        settings["NotificationProperty"] = {"NotifyDelayAfter": request.notify_delay_after}
    if "WorkerType" in given:
        settings.pop("MaxCapacity", None)
    elif "MaxCapacity" in given:
        settings.pop("WorkerType", None)
        settings.pop("NumberOfWorkers", None)
    shell = job["Command"].get("Name") == "pythonshell"
    arguments = {**job.get("DefaultArguments", {}), **request.arguments, **job.get("NonOverridableArguments", {})}
    return settings | {
        DPUS: dpus(settings, arguments),
        "Arguments": dict(request.arguments),
        "Timeout": request.timeout or job.get("Timeout"),
        "LogGroupName": PYTHON_SHELL_LOG_GROUP if shell else SPARK_LOG_GROUP,
    }
