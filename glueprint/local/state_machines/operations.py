"""Step Functions' operations (service model ``stepfunctions``, 2016-11-23)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from glueprint.local.clock import Clock
from glueprint.local.engine.engine import Engine
from glueprint.local.glue.paging import page_position, page_token
from glueprint.local.protocol import ApiError, Context, Declare, JsonService, Operation, Runs
from glueprint.local.state_machines import execution_rows as rows
from glueprint.local.state_machines.arns import (
    check_name,
    execution_arn,
    execution_id,
    machine_arn,
    machine_name,
)
from glueprint.local.state_machines.definitions import callable_operations, check, refusal
from glueprint.local.state_machines.executions import MACHINES, Executions
from glueprint.local.store import Database
from glueprint.local.store.database import Connection
from glueprint.local.store.resources import Document, put_tags, remove_tags, tags_of
from glueprint.statemachine import diagnostics as codes
from glueprint.statemachine.diagnostics import Diagnostic
from glueprint.statemachine.faults import MAX_DATA_BYTES
from glueprint.statemachine.history import details_member
from glueprint.statemachine.parsing import MAX_DEFINITION_BYTES
from glueprint.statemachine.paths import json_text

Request = dict[str, Any]
Answer = dict[str, Any]

DEFAULT_PAGE = 100
MAX_DIAGNOSTICS = 100
_MACHINE_MEMBERS = ("name", "definition", "roleArn", "type", "loggingConfiguration", "tracingConfiguration")

operation = Declare("stepfunctions")


class StepFunctions:
    """The operations.

    Args:
        glue_operations: what this Glue can be called for.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        engine: Engine,
        executions: Executions,
        glue_operations: Callable[[], Sequence[str]],
    ) -> None:
        self._database = database
        self._clock = clock
        self._engine = engine
        self._executions = executions
        self._glue_operations = glue_operations

    @property
    def operations(self) -> Mapping[str, Operation]:
        """By the model's names."""
        return operation.operations([self])

    # State machines

    @operation("CreateStateMachine", runs=Runs.IN_THREAD)
    def create_state_machine(self, context: Context, request: Request) -> Answer:
        """Service model, ``CreateStateMachine``: idempotent for the same request."""
        name = check_name(request["name"])
        _refuse(request, "CreateStateMachine", ("publish", "versionDescription", "encryptionConfiguration"))
        if request.get("type", "STANDARD") != "STANDARD":
            raise ApiError(
                "UnsupportedOperationException",
                f"CreateStateMachine: type {request['type']} is not supported by this local Step Functions,"
                " which runs STANDARD state machines",
            )
        self._check(request["definition"], "CreateStateMachine")
        arn = machine_arn(context, name)
        now = self._clock.now()

        def work(tx: Connection) -> Answer:
            document = {
                "stateMachineArn": arn,
                "name": name,
                "digest": rows.put_definition(tx, request["definition"]),
                "roleArn": request["roleArn"],
                "type": "STANDARD",
                "loggingConfiguration": request.get("loggingConfiguration"),
                "tracingConfiguration": request.get("tracingConfiguration"),
                "revisionId": None,
                "creationDate": now,
            }
            before = MACHINES.get(tx, name)
            if before is not None:
                if any(
                    before[key] != document[key] for key in document if key not in ("creationDate", "revisionId")
                ):
                    raise ApiError("StateMachineAlreadyExists", f"State Machine Already Exists: '{arn}'")
                return {"stateMachineArn": arn, "creationDate": before["creationDate"]}
            MACHINES.put(tx, name, document)
            put_tags(tx, arn, {one["key"]: one.get("value", "") for one in request.get("tags", ())})
            return {"stateMachineArn": arn, "creationDate": now}

        return self._engine.write(work)

    @operation("UpdateStateMachine", runs=Runs.IN_THREAD)
    def update_state_machine(self, context: Context, request: Request) -> Answer:
        """Service model, ``UpdateStateMachine``: running executions keep their definition."""
        name = machine_name(request["stateMachineArn"])
        _refuse(request, "UpdateStateMachine", ("publish", "versionDescription", "encryptionConfiguration"))
        given = [
            one
            for one in ("definition", "roleArn", "loggingConfiguration", "tracingConfiguration")
            if one in request
        ]
        if not given:
            raise ApiError(
                "MissingRequiredParameter", "Either the definition, the role ARN, or both must be given"
            )
        if "definition" in request:
            self._check(request["definition"], "UpdateStateMachine")
        now, revision = self._clock.now(), str(uuid.uuid4())

        def work(tx: Connection) -> Answer:
            document = _require(tx, request["stateMachineArn"])
            for one in given:
                if one == "definition":
                    document["digest"] = rows.put_definition(tx, request["definition"])
                else:
                    document[one] = request[one]
            MACHINES.put(tx, name, document | {"revisionId": revision})
            return {"updateDate": now, "revisionId": revision}

        return self._engine.write(work)

    @operation("DeleteStateMachine", runs=Runs.IN_THREAD)
    def delete_state_machine(self, context: Context, request: Request) -> Answer:
        """Service model, ``DeleteStateMachine``: one that does not exist is not an error; executions end first."""
        name = machine_name(request["stateMachineArn"])

        def work(tx: Connection) -> Answer:
            MACHINES.delete(tx, name)
            remove_tags(tx, request["stateMachineArn"])
            return {}

        return self._engine.write(work)

    @operation("DescribeStateMachine", runs=Runs.IN_THREAD)
    def describe_state_machine(self, context: Context, request: Request) -> Answer:
        """Service model, ``DescribeStateMachine``."""

        def work(tx: Connection) -> Answer:
            document = _require(tx, request["stateMachineArn"])
            document["definition"] = rows.definition_of(tx, document.pop("digest"))
            document.setdefault("loggingConfiguration", None)
            return document | {
                "status": "ACTIVE",
                "loggingConfiguration": document["loggingConfiguration"]
                or {"level": "OFF", "includeExecutionData": False},
                "tracingConfiguration": document["tracingConfiguration"] or {"enabled": False},
            }

        return self._database.read(work)

    @operation("DescribeStateMachineForExecution", runs=Runs.IN_THREAD)
    def describe_for_execution(self, context: Context, request: Request) -> Answer:
        """Service model, ``DescribeStateMachineForExecution``: the definition that the execution has."""

        def work(tx: Connection) -> Answer:
            row, body = _execution(tx, request["executionArn"])
            return {
                "stateMachineArn": body["stateMachineArn"],
                "name": row["machine"],
                "definition": rows.definition_of(tx, row["digest"]),
                "roleArn": body["roleArn"],
                "updateDate": row["started"],
            }

        return self._database.read(work)

    @operation("ListStateMachines", runs=Runs.IN_THREAD)
    def list_state_machines(self, context: Context, request: Request) -> Answer:
        """Service model, ``ListStateMachines``."""
        limit = request.get("maxResults") or DEFAULT_PAGE
        after = page_position(request.get("nextToken"), str)
        found = self._database.read(lambda tx: MACHINES.page(tx, after, limit + 1))
        members = ("stateMachineArn", "name", "type", "creationDate")
        page = [{member: one[member] for member in members} for one in found[:limit]]
        return {"stateMachines": page, "nextToken": page_token(page[-1]["name"]) if len(found) > limit else None}

    @operation("ValidateStateMachineDefinition", runs=Runs.IN_THREAD)
    def validate(self, context: Context, request: Request) -> Answer:
        """Service model, ``ValidateStateMachineDefinition``, with what is not supported here as errors."""
        _, found = check(request["definition"], callable_operations(self._glue_operations()))
        if request.get("severity", "ERROR") == "ERROR":
            found = codes.errors(found)
        limit = request.get("maxResults") or MAX_DIAGNOSTICS
        return {
            "result": "FAIL" if codes.errors(found) else "OK",
            "diagnostics": [_diagnostic(one) for one in found[:limit]],
            "truncated": len(found) > limit,
        }

    # Executions

    @operation("StartExecution", runs=Runs.IN_THREAD)
    def start_execution(self, context: Context, request: Request) -> Answer:
        """Service model, ``StartExecution``: idempotent while an execution with the same name and input runs."""
        arn = request["stateMachineArn"]
        machine_name(arn)
        name = check_name(request.get("name") or str(uuid.uuid4()))
        text = request.get("input") or "{}"
        data = _json_input(text)

        def work(tx: Connection) -> Answer:
            machine = _require(tx, arn)
            started = execution_arn(machine["stateMachineArn"], name)
            before = tx.execute("SELECT * FROM execution WHERE id = ?", (execution_id(started),)).fetchone()
            if before is not None:
                same = json.loads(before["body"])["input"] == json_text(data)
                if before["status"] != "RUNNING" or not same:
                    raise ApiError("ExecutionAlreadyExists", f"Execution Already Exists: '{started}'")
                return {"executionArn": started, "startDate": before["started"]}
            self._executions.start(tx, machine, name, data)
            return {"executionArn": started, "startDate": self._clock.now()}

        return self._engine.write(work)

    @operation("StopExecution", runs=Runs.IN_THREAD)
    def stop_execution(self, context: Context, request: Request) -> Answer:
        """Service model, ``StopExecution``: job runs of ``.sync`` tasks are stopped, too."""
        arn, now = request["executionArn"], self._clock.now()

        def work(tx: Connection) -> Answer:
            row, _ = _execution(tx, arn)
            if row["status"] == "RUNNING":
                self._executions.stop(tx, row["id"], request.get("error"), request.get("cause"))
                return {"stopDate": now}
            return {"stopDate": row["stopped"]}

        return self._engine.write(work)

    @operation("DescribeExecution", runs=Runs.IN_THREAD)
    def describe_execution(self, context: Context, request: Request) -> Answer:
        """Service model, ``DescribeExecution``."""

        def work(tx: Connection) -> Answer:
            row, body = _execution(tx, request["executionArn"])
            return {
                **_listed(row, body),
                "input": body["input"],
                "inputDetails": {"included": True},
                "output": body.get("output"),
                "outputDetails": {"included": True} if "output" in body else None,
                "error": body.get("error"),
                "cause": body.get("cause"),
                "redriveCount": 0,
                "redriveStatus": "NOT_REDRIVABLE",
                "redriveStatusReason": "Redrive is not served by this local Step Functions",
            }

        return self._database.read(work)

    @operation("ListExecutions", runs=Runs.IN_THREAD)
    def list_executions(self, context: Context, request: Request) -> Answer:
        """Service model, ``ListExecutions``: newest first."""
        _refuse(request, "ListExecutions", ("mapRunArn",))
        if "stateMachineArn" not in request:
            raise ApiError("ValidationException", "stateMachineArn is required")
        name, status = machine_name(request["stateMachineArn"]), request.get("statusFilter")
        limit = request.get("maxResults") or DEFAULT_PAGE
        offset = page_position(request.get("nextToken"), int) or 0

        def work(tx: Connection) -> list[Answer]:
            _require(tx, request["stateMachineArn"])
            condition = "" if status is None else " AND status = ?"
            found = tx.execute(
                f"SELECT * FROM execution WHERE machine = ?{condition} ORDER BY started DESC, id LIMIT ? OFFSET ?",
                (name, *(() if status is None else (status,)), limit + 1, offset),
            )
            return [_listed(row, json.loads(row["body"])) for row in found]

        found = self._database.read(work)
        token = page_token(offset + limit) if len(found) > limit else None
        return {"executions": found[:limit], "nextToken": token}

    @operation("GetExecutionHistory", runs=Runs.IN_THREAD)
    def get_execution_history(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetExecutionHistory``."""
        limit = request.get("maxResults") or DEFAULT_PAGE
        offset = page_position(request.get("nextToken"), int) or 0
        order = "DESC" if request.get("reverseOrder") else "ASC"
        with_data = request.get("includeExecutionData", True)

        def work(tx: Connection) -> list[Answer]:
            row, _ = _execution(tx, request["executionArn"])
            found = tx.execute(
                f"SELECT * FROM execution_event WHERE execution = ? ORDER BY id {order} LIMIT ? OFFSET ?",
                (row["id"], limit + 1, offset),
            )
            return [_event(one, with_data=with_data) for one in found]

        found = self._database.read(work)
        token = page_token(offset + limit) if len(found) > limit else None
        return {"events": found[:limit], "nextToken": token}

    # Tags

    @operation("ListTagsForResource", runs=Runs.IN_THREAD)
    def list_tags(self, context: Context, request: Request) -> Answer:
        """Service model, ``ListTagsForResource``."""

        def work(tx: Connection) -> dict[str, str]:
            _require_tagged(tx, request["resourceArn"])
            return tags_of(tx, request["resourceArn"])

        tags = self._database.read(work)
        return {"tags": [{"key": key, "value": tags[key]} for key in sorted(tags)]}

    @operation("TagResource", runs=Runs.IN_THREAD)
    def tag_resource(self, context: Context, request: Request) -> Answer:
        """Service model, ``TagResource``."""

        def work(tx: Connection) -> Answer:
            _require_tagged(tx, request["resourceArn"])
            put_tags(tx, request["resourceArn"], {one["key"]: one.get("value", "") for one in request["tags"]})
            return {}

        return self._engine.write(work)

    @operation("UntagResource", runs=Runs.IN_THREAD)
    def untag_resource(self, context: Context, request: Request) -> Answer:
        """Service model, ``UntagResource``."""

        def work(tx: Connection) -> Answer:
            _require_tagged(tx, request["resourceArn"])
            remove_tags(tx, request["resourceArn"], request["tagKeys"])
            return {}

        return self._engine.write(work)

    def _check(self, text: str, name: str) -> None:
        if len(text.encode()) > MAX_DEFINITION_BYTES:
            raise ApiError("InvalidDefinition", f"the definition is larger than {MAX_DEFINITION_BYTES} bytes")
        machine, found = check(text, callable_operations(self._glue_operations()))
        if machine is None:
            raise refusal(found, name)


_REASONS: Mapping[str, str] = {
    "StartSyncExecution": "EXPRESS state machines are not run",
    "RedriveExecution": "start a new execution",
    "TestState": "create a state machine of one state",
}


def states_service(
    database: Database, clock: Clock, engine: Engine, executions: Executions, glue: JsonService
) -> JsonService:
    """Assemble the service."""
    families = StepFunctions(database, clock, engine, executions, lambda: tuple(glue.operations))
    return JsonService(
        operation.service,
        families.operations,
        reason_of=lambda name: _REASONS.get(name, "see docs/step-functions.md"),
    )


def _json_input(text: str) -> Any:
    if len(text.encode()) > MAX_DATA_BYTES:
        raise ApiError(
            "InvalidExecutionInput", f"Invalid State Machine Execution Input: more than {MAX_DATA_BYTES} bytes"
        )
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ApiError("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{error}'") from error


def _refuse(request: Request, name: str, members: Sequence[str]) -> None:
    """Refuse members of a request that would have no effect here."""
    given = [one for one in members if request.get(one)]
    if given:
        raise ApiError(
            "UnsupportedOperationException",
            f"{name} with {', '.join(given)} is not supported by this local Step Functions",
        )


def _require(tx: Connection, arn: str) -> Document:
    document = MACHINES.get(tx, machine_name(arn))
    if document is None or document["stateMachineArn"] != arn:
        raise ApiError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")
    return document


def _require_tagged(tx: Connection, arn: str) -> None:
    try:
        _require(tx, arn)
    except ApiError as error:
        raise ApiError("ResourceNotFound", f"Resource not found: '{arn}'") from error


def _execution(tx: Connection, arn: str) -> tuple[Any, Document]:
    row = tx.execute("SELECT * FROM execution WHERE id = ?", (execution_id(arn),)).fetchone()
    if row is None:
        raise ApiError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")
    return row, json.loads(row["body"])


def _listed(row: Any, body: Document) -> Answer:
    return {
        "executionArn": body["executionArn"],
        "stateMachineArn": body["stateMachineArn"],
        "name": row["name"],
        "status": row["status"],
        "startDate": row["started"],
        "stopDate": row["stopped"],
    }


def _event(row: Any, *, with_data: bool) -> Answer:
    details = json.loads(row["details"])
    if not with_data:
        data = ("input", "output", "inputDetails", "outputDetails", "parameters")
        details = {name: value for name, value in details.items() if name not in data}
    event = {"id": row["id"], "previousEventId": row["previous"], "type": row["type"], "timestamp": row["at"]}
    return event | ({details_member(row["type"]): details} if details else {})


def _diagnostic(one: Diagnostic) -> Answer:
    severity = "ERROR" if one.is_error else "WARNING"
    return {"severity": severity, "code": one.code, "message": one.message, "location": one.location}
