"""Query executions: started, described, listed, stopped."""

from __future__ import annotations

import importlib.util
import uuid
from typing import Any

from glueprint.local.athena import rows
from glueprint.local.athena.family import (
    ENGINE,
    MAX_LISTED,
    Answer,
    Family,
    Request,
    Transaction,
    group_of,
    invalid,
    operation,
    position,
    token,
)
from glueprint.local.athena.processes import QueryProcesses
from glueprint.local.athena.rows import Execution
from glueprint.local.athena.work_groups import work_group
from glueprint.local.clock import Clock
from glueprint.local.protocol import ApiError, Context, Runs
from glueprint.local.s3 import S3Store
from glueprint.local.store import Database
from glueprint.query.kinds import statement_kind

MAX_QUERY_BYTES = 262_144
"""Bytes of a query's text (user guide, "Service Quotas")."""


class QueryExecutions(Family):
    """Operations on query executions."""

    def __init__(self, database: Database, clock: Clock, s3: S3Store, processes: QueryProcesses) -> None:
        super().__init__(database, clock)
        self._s3 = s3
        self._processes = processes

    @operation("StartQueryExecution", runs=Runs.IN_THREAD)
    def start_query_execution(self, context: Context, request: Request) -> Answer:
        """Service model, ``StartQueryExecution``; a repeated ClientRequestToken starts nothing."""
        _check_installed()
        _check(request)
        group = group_of(request)
        given = request.get("ClientRequestToken")
        buckets = frozenset(self._s3.bucket_names())

        def work(tx: Transaction) -> tuple[str, bool]:
            before = rows.by_token(tx, given) if given else None
            if before is not None:
                if before.request.get("QueryString") != request["QueryString"]:
                    raise invalid("Idempotent parameters do not match")
                return before.id, False
            complete = _completed(request, work_group(tx, group), buckets)
            id_ = str(uuid.uuid4())
            rows.add(tx, Execution(id_, group, "QUEUED", self.clock.now(), complete, {}), given)
            return id_, True

        id_, is_new = self.database.write(work)
        if is_new:
            self._processes.submit(id_)
        return {"QueryExecutionId": id_}

    @operation("GetQueryExecution", runs=Runs.INLINE)
    def get_query_execution(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetQueryExecution``."""
        found = self.database.read(lambda tx: rows.get(tx, request["QueryExecutionId"]))
        return {"QueryExecution": self._described(found)}

    @operation("BatchGetQueryExecution", runs=Runs.IN_THREAD)
    def batch_get_query_execution(self, context: Context, request: Request) -> Answer:
        """Service model, ``BatchGetQueryExecution``."""
        found = self.database.read(
            lambda tx: {id_: rows.find(tx, id_) for id_ in request["QueryExecutionIds"]}
        )
        failed = [
            {
                "QueryExecutionId": id_,
                "ErrorCode": "INVALID_INPUT",
                "ErrorMessage": f"QueryExecution {id_} was not found",
            }
            for id_, one in found.items()
            if one is None
        ]
        executions = [self._described(one) for one in found.values() if one is not None]
        return {"QueryExecutions": executions, "UnprocessedQueryExecutionIds": failed}

    @operation("ListQueryExecutions", runs=Runs.IN_THREAD)
    def list_query_executions(self, context: Context, request: Request) -> Answer:
        """Service model, ``ListQueryExecutions``: newest first."""
        start, limit = position(request.get("NextToken")), request.get("MaxResults") or MAX_LISTED
        group = group_of(request)

        def read(tx: Transaction) -> list[str]:
            work_group(tx, group)
            return rows.ids(tx, group, limit + 1, start)

        found = self.database.read(read)
        return {
            "QueryExecutionIds": found[:limit],
            "NextToken": token(start + limit) if len(found) > limit else None,
        }

    @operation("StopQueryExecution", runs=Runs.IN_THREAD)
    def stop_query_execution(self, context: Context, request: Request) -> Answer:
        """Service model, ``StopQueryExecution``: the query's process ends at once."""
        id_ = request["QueryExecutionId"]
        self.database.read(lambda tx: rows.get(tx, id_))
        self._processes.stop(id_)
        return {}

    @operation("GetQueryRuntimeStatistics", runs=Runs.INLINE)
    def get_query_runtime_statistics(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetQueryRuntimeStatistics``: the timeline and rows; there are no stages here."""
        found = self.database.read(lambda tx: rows.get(tx, request["QueryExecutionId"]))
        measured = found.outcome.get("statistics") or {}
        timeline = {key: value for key, value in self._statistics(found).items() if key.endswith("InMillis")}
        counts = {
            "InputBytes": measured.get("DataScannedInBytes", 0),
            "OutputRows": measured.get("OutputRows", 0),
        }
        return {"QueryRuntimeStatistics": {"Timeline": timeline, "Rows": counts}}

    def _described(self, found: Execution) -> dict[str, Any]:
        request, outcome = found.request, found.outcome
        kind = statement_kind(request["QueryString"])
        status = {
            "State": found.state,
            "SubmissionDateTime": found.submitted,
            "CompletionDateTime": outcome.get("completed"),
            "StateChangeReason": outcome.get("reason"),
            "AthenaError": outcome.get("error"),
        }
        place = (
            outcome.get("output")
            or f"{request['ResultConfiguration']['OutputLocation']}{found.id}{_suffix(kind)}"
        )
        return {
            "QueryExecutionId": found.id,
            "Query": request["QueryString"],
            "StatementType": kind.type,
            "SubstatementType": kind.substatement,
            "ResultConfiguration": {**request["ResultConfiguration"], "OutputLocation": place},
            "ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": {"Enabled": False}},
            "QueryExecutionContext": request.get("QueryExecutionContext") or {},
            "Status": {key: value for key, value in status.items() if value is not None},
            "Statistics": self._statistics(found),
            "WorkGroup": found.work_group,
            "EngineVersion": ENGINE,
            "ExecutionParameters": request.get("ExecutionParameters"),
        }

    def _statistics(self, found: Execution) -> dict[str, Any]:
        outcome, measured = found.outcome, found.outcome.get("statistics") or {}
        started, end = outcome.get("started"), outcome.get("completed") or self.clock.now()
        times = {
            "QueryQueueTimeInMillis": round(((started or end) - found.submitted) * 1000),
            "QueryPlanningTimeInMillis": measured.get("PlanningMillis"),
            "EngineExecutionTimeInMillis": measured.get("ExecutionMillis", 0),
            "ServiceProcessingTimeInMillis": measured.get("PublishingMillis"),
            "TotalExecutionTimeInMillis": round((end - found.submitted) * 1000),
            "DataScannedInBytes": measured.get("DataScannedInBytes", 0),
            "DataManifestLocation": outcome.get("manifest"),
            "ResultReuseInformation": {"ReusedPreviousResult": False},
        }
        return {key: value for key, value in times.items() if value is not None}


def _suffix(kind: Any) -> str:
    if kind.type == "DML":
        return ".csv" if kind.substatement == "SELECT" else ""
    return "" if kind.substatement == "CREATE_TABLE_AS_SELECT" else ".txt"


def _check_installed() -> None:
    absent = [name for name in ("duckdb", "sqlglot", "pyarrow") if importlib.util.find_spec(name) is None]
    if absent:
        message = (
            f"queries need {', '.join(absent)}: pip install 'glueprint[query]', and start `glueprint serve`"
            " again"
        )
        raise ApiError("UnsupportedOperationException", message)


def _check(request: Request) -> None:
    if not request["QueryString"].strip():
        raise invalid("QueryString cannot be empty")
    if len(request["QueryString"].encode()) > MAX_QUERY_BYTES:
        raise invalid(f"QueryString is longer than {MAX_QUERY_BYTES:,} bytes")
    reuse = (request.get("ResultReuseConfiguration") or {}).get("ResultReuseByAgeConfiguration") or {}
    if reuse.get("Enabled"):
        raise invalid(
            "the reuse of results (ResultReuseByAgeConfiguration) is not supported by the local Athena"
        )
    catalog = (request.get("QueryExecutionContext") or {}).get("Catalog")
    if catalog and catalog.lower() != "awsdatacatalog":
        raise invalid(f"Data catalog {catalog} was not found: the local Athena has AwsDataCatalog only")


def _completed(request: Request, group: dict[str, Any], buckets: frozenset[str]) -> dict[str, Any]:
    """The request with the workgroup's settings, which win if it enforces them.

    Raises:
        ApiError: the workgroup is disabled, no output location is known, or its bucket does not exist
            (pyathena-dev/PyAthena#67).
    """
    if group["State"] != "ENABLED":
        raise invalid(f"WorkGroup {group['Name']} is disabled")
    configuration = group["Configuration"]
    own, groups = request.get("ResultConfiguration") or {}, configuration.get("ResultConfiguration") or {}
    chosen = (
        groups
        if configuration.get("EnforceWorkGroupConfiguration") and groups.get("OutputLocation")
        else {**groups, **own}
    )
    location = chosen.get("OutputLocation")
    if not location:
        raise invalid(
            "No output location provided. An output location is required either through the Workgroup result "
            "configuration setting or as an API input."
        )
    if not location.startswith("s3://"):
        raise invalid(f"outputLocation is not a valid S3 path: {location}")
    bucket = location.removeprefix("s3://").partition("/")[0]
    if bucket not in buckets:
        raise invalid(f"Unable to verify/create output bucket {bucket}")
    folder = location if location.endswith("/") else f"{location}/"
    kept = {key: value for key, value in request.items() if value is not None and key != "ClientRequestToken"}
    return {**kept, "ResultConfiguration": {**chosen, "OutputLocation": folder}}
