"""Carries out tasks: pending actions, each of which may be repeated after a crash.

An operation of Glue that changes something runs within the transaction that stores its result: it happens exactly
once. Other services are called first and their answer is stored after it; after a crash in between, the call is
made again (SNS and SQS, whose state a restart loses anyway; writes of S3 are the same twice).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError

from glueprint.local.clock import Clock
from glueprint.local.engine.dispatcher import Handler
from glueprint.local.engine.engine import Engine
from glueprint.local.engine.pending_actions import ActionKind
from glueprint.local.executors.service_calls import Client
from glueprint.local.protocol import ApiError, Context, JsonService
from glueprint.local.state_machines import execution_rows as rows
from glueprint.local.state_machines.executions import Executions
from glueprint.local.state_machines.results import error_cause, error_name, state_data
from glueprint.local.store import Database
from glueprint.local.store.database import Connection
from glueprint.statemachine.execution import TaskFailed, TaskSubmitted, TaskSucceeded
from glueprint.statemachine.resources import Resource, parse_resource

_READS = ("Get", "BatchGet", "List", "Search", "Query", "Check", "Describe")
_SERVER_FAILURE = 500


class Tasks:
    """Handlers of the actions that executions owe."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        engine: Engine,
        executions: Executions,
        glue: JsonService,
        client: Client,
        place: Context,
    ) -> None:
        self._database = database
        self._clock = clock
        self._engine = engine
        self._executions = executions
        self._glue = glue
        self._client = client
        self._place = place
        executions.job_run_of = self._job_run

    def handlers(self) -> dict[ActionKind, Handler]:
        """Return what carries out each kind of action."""
        return {
            ActionKind.BEGIN_EXECUTION: lambda id_: self._engine.write(lambda tx: self._executions.begin(tx, id_)),
            ActionKind.START_TASK: self.start,
            ActionKind.STOP_TASK: self.stop,
        }

    def close(self) -> None:
        """Close connections."""
        self._client.close()

    def start(self, subject: str) -> None:
        """Carry out a task, unless it is no longer wanted or was started already."""
        id_, visit = _parts(subject)
        task = self._database.read(lambda tx: rows.find_task(tx, id_, visit))
        if task is None or task.closed or task.job_run is not None:
            return
        resource = parse_resource(task.resource)
        if resource.service == "glue" and resource.operation in self._glue.operations:
            if resource.operation.startswith(_READS):
                event = self._outcome(task, resource, lambda: self._read_glue(resource, task.parameters))
                self._engine.write(lambda tx: self._store(tx, task, event))
            else:
                self._engine.write(lambda tx: self._change_glue(tx, task, resource))
            return
        event = self._outcome(task, resource, lambda: self._call_other(resource, task.parameters))
        self._engine.write(lambda tx: self._store(tx, task, event))

    def stop(self, subject: str) -> None:
        """Stop the job run of a task that is no longer waited for."""
        id_, visit = _parts(subject)

        def work(tx: Connection) -> None:
            task = rows.find_task(tx, id_, visit)
            if task is not None and task.job_run is not None:
                with contextlib.suppress(KeyError):  # the job run is forgotten
                    self._engine.job_runs.stop(tx, task.job_run)
                rows.remove_task(tx, id_, visit)

        self._engine.write(work)

    def _change_glue(self, tx: Connection, task: rows.TaskRow, resource: Resource) -> None:
        """Call an operation of Glue and store what it returned, in one transaction."""
        if not _is_wanted(tx, task):
            return
        answers: list[Any] = []

        def call() -> Any:
            answers.append(self._glue.call(resource.operation, _request(task.parameters), self._place))
            return self._data(resource, answers[0])

        event = self._outcome(task, resource, call)
        if not resource.waits or isinstance(event, TaskFailed):
            self._executions.task_ended(tx, task, event)
            return
        rows.task_waits(tx, task.execution, task.visit, answers[0]["JobRunId"])
        self._executions.event(tx, task.execution, TaskSubmitted(event.now, task.visit, event.output))

    def _store(self, tx: Connection, task: rows.TaskRow, event: TaskSucceeded | TaskFailed) -> None:
        if _is_wanted(tx, task):
            self._executions.task_ended(tx, task, event)

    def _outcome(
        self, task: rows.TaskRow, resource: Resource, call: Callable[[], Any]
    ) -> TaskSucceeded | TaskFailed:
        """Return the end of a task that calls a service; a failure of this server itself is raised."""
        try:
            return TaskSucceeded(self._clock.now(), task.visit, call())
        except ApiError as error:
            code, message, status, modelled = error.code, error.message, error.status, True
        except ClientError as error:
            answer = error.response
            status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
            if status >= _SERVER_FAILURE:
                raise
            code, message = answer["Error"].get("Code", ""), answer["Error"].get("Message", "")
            modelled = code != str(status)
        except ParamValidationError as error:
            code, message, status, modelled = "ValidationException", str(error), 400, True
        name = error_name(resource.service, code, is_sdk=resource.is_sdk, is_modelled=modelled)
        cause = error_cause(resource.service, code, message, status, is_sdk=resource.is_sdk)
        return TaskFailed(self._clock.now(), task.visit, name, cause, is_submission=resource.waits)

    def _read_glue(self, resource: Resource, parameters: Any) -> Any:
        return self._data(resource, self._glue.call(resource.operation, _request(parameters), self._place))

    def _call_other(self, resource: Resource, parameters: Any) -> Any:
        shape, answer = self._client.call(resource.service, resource.operation, _request(parameters))
        return state_data(shape, answer, as_milliseconds=not resource.is_sdk)

    def _data(self, resource: Resource, answer: Mapping[str, Any]) -> Any:
        shape = self._glue.model.operation_model(resource.operation).output_shape
        return state_data(shape, answer, as_milliseconds=not resource.is_sdk)

    def _job_run(self, job: str, run_id: str) -> Mapping[str, Any]:
        """Return a job run as a .sync task returns it."""
        try:
            answer = self._glue.call("GetJobRun", {"JobName": job, "RunId": run_id}, self._place)
        except ApiError:  # the job was deleted meanwhile
            return {"JobName": job, "Id": run_id}
        shape = self._glue.model.operation_model("GetJobRun").output_shape
        found: Mapping[str, Any] = state_data(shape, answer, as_milliseconds=True)["JobRun"]
        return found


def _is_wanted(tx: Connection, task: rows.TaskRow) -> bool:
    """Whether a task still waits to be carried out."""
    now = rows.find_task(tx, task.execution, task.visit)
    return now is not None and not now.closed and now.job_run is None


def _request(parameters: Any) -> dict[str, Any]:
    return dict(parameters) if isinstance(parameters, dict) else {}


def _parts(subject: str) -> tuple[str, int]:
    id_, _, visit = subject.rpartition("/")
    return id_, int(visit)
