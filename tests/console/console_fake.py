# ruff: noqa: N803
"""A Glue in memory, written by hand: it answers like boto3 clients, as far as the console calls them."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError
from harness.shapes import graph, trigger

from glueprint.client.servers import Endpoint
from glueprint.compat import UTC

NOW = datetime.now(UTC)


def client_error(code: str, message: str, operation: str = "Get") -> ClientError:
    """What boto3 raises for an error of the service."""
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


def _with_times(shape: dict[str, Any]) -> dict[str, Any]:
    """The same graph with times as boto3 returns them."""
    for node in shape["Nodes"]:
        for run in (node.get("JobDetails") or {}).get("JobRuns", []) + (node.get("CrawlerDetails") or {}).get(
            "Crawls", []
        ):
            for name in ("StartedOn", "CompletedOn"):
                run[name] = datetime.fromtimestamp(run[name], UTC)
    return shape


class _Exceptions:
    ClientError = ClientError

    class AlreadyExistsException(ClientError):
        """An entity exists already."""


class _Pages:
    def __init__(self, pages: Callable[..., Iterator[dict[str, Any]]]) -> None:
        self.paginate = pages


class FakeGlue:
    """What a test stores is what it answers; ``calls`` are the requests that change something."""

    exceptions = _Exceptions

    def __init__(self) -> None:
        self.workflows: dict[str, dict[str, Any]] = {}
        self.runs: dict[str, list[dict[str, Any]]] = {}
        self.jobs: dict[str, dict[str, Any]] = {}
        self.job_runs: dict[str, list[dict[str, Any]]] = {}
        self.crawlers: dict[str, dict[str, Any]] = {}
        self.crawls: dict[str, list[dict[str, Any]]] = {}
        self.blueprints: dict[str, dict[str, Any]] = {}
        self.blueprint_runs: dict[str, list[dict[str, Any]]] = {}
        self.databases: dict[str, dict[str, dict[str, Any]]] = {}
        self.partitions: list[dict[str, Any]] = []
        self.triggers: list[dict[str, Any]] = []
        self.tags: dict[str, dict[str, str]] = {}
        self.logs: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self.objects: dict[str, dict[str, bytes]] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []

    # What tests store.

    def add_workflow(self, name: str, *, run: dict[str, Any] | None = None, **more: Any) -> None:
        """A workflow of two jobs, the second after the first."""
        triggers = [trigger(f"{name} start", ["look"]), trigger(f"{name} then", ["load"], ("look", "SUCCEEDED"))]
        self.workflows[name] = {"Name": name, "Graph": graph(triggers), **more}
        self.runs[name] = []
        if run is not None:
            self.add_run(name, **run)

    def add_run(
        self, workflow: str, status: str = "COMPLETED", states: dict[str, Any] | None = None, **more: Any
    ) -> str:
        """A run of a workflow; ``states`` are those of its jobs."""
        run_id = f"wr_{len(self.runs[workflow]):064x}"
        triggers = [
            one["TriggerDetails"]["Trigger"]
            for one in self.workflows[workflow]["Graph"]["Nodes"]
            if one["Type"] == "TRIGGER"
        ]
        run = {
            "Name": workflow,
            "WorkflowRunId": run_id,
            "Status": status,
            "StartedOn": NOW - timedelta(minutes=5),
            "Statistics": {},
            "WorkflowRunProperties": {},
            "Graph": _with_times(graph(triggers, states or {})),
            **({"CompletedOn": NOW} if status in ("COMPLETED", "STOPPED", "ERROR") else {}),
            **more,
        }
        self.runs[workflow].insert(0, run)
        self.workflows[workflow]["LastRun"] = run
        return run_id

    def _found(self, where: dict[str, Any], name: str) -> Any:
        if name not in where:
            raise client_error("EntityNotFoundException", "Entity not found")
        return where[name]

    # What the console reads.

    def get_paginator(self, name: str) -> _Pages:
        """The pages of one operation."""
        answers: dict[str, Callable[..., Iterator[dict[str, Any]]]] = {
            "list_workflows": lambda: iter([{"Workflows": list(self.workflows)}]),
            "get_workflow_runs": lambda Name, **_: iter([{"Runs": self._found(self.runs, Name)}]),
            "list_jobs": lambda: iter([{"JobNames": list(self.jobs)}]),
            "get_crawlers": lambda: iter([{"Crawlers": list(self.crawlers.values())}]),
            "list_blueprints": lambda: iter([{"Blueprints": list(self.blueprints)}]),
            "get_triggers": lambda **_: iter([{"Triggers": self.triggers}]),
            "get_databases": lambda: iter([{"DatabaseList": [{"Name": one} for one in self.databases]}]),
            "get_tables": lambda DatabaseName, **_: iter(
                [{"TableList": list(self._found(self.databases, DatabaseName).values())}]
            ),
            "get_partitions": lambda **_: self._partition_pages(),
            "list_triggers": lambda: iter([{"TriggerNames": [one["Name"] for one in self.triggers]}]),
        }
        return _Pages(answers[name])

    def _partition_pages(self) -> Iterator[dict[str, Any]]:
        for start in range(0, len(self.partitions), 100):
            yield {"Partitions": self.partitions[start : start + 100]}

    def batch_get_workflows(self, Names: list[str], IncludeGraph: bool = False) -> dict[str, Any]:
        return {"Workflows": [self.workflows[one] for one in Names if one in self.workflows]}

    def get_workflow(self, Name: str, IncludeGraph: bool = False) -> dict[str, Any]:
        return {"Workflow": self._found(self.workflows, Name)}

    def get_workflow_runs(
        self, Name: str, MaxResults: int = 25, NextToken: str = "0", IncludeGraph: bool = False
    ) -> dict[str, Any]:
        start = int(NextToken)
        runs = self._found(self.runs, Name)
        more = {"NextToken": str(start + MaxResults)} if start + MaxResults < len(runs) else {}
        return {"Runs": runs[start : start + MaxResults], **more}

    def get_workflow_run(self, Name: str, RunId: str, IncludeGraph: bool = False) -> dict[str, Any]:
        for run in self._found(self.runs, Name):
            if run["WorkflowRunId"] == RunId:
                return {"Run": run}
        raise client_error("EntityNotFoundException", "Entity not found")

    def get_job(self, JobName: str) -> dict[str, Any]:
        return {"Job": self._found(self.jobs, JobName)}

    def get_jobs(self, **_: Any) -> dict[str, Any]:
        return {"Jobs": list(self.jobs.values())}

    def batch_get_jobs(self, JobNames: list[str]) -> dict[str, Any]:
        return {"Jobs": [self.jobs[one] for one in JobNames if one in self.jobs]}

    def get_job_runs(self, JobName: str, MaxResults: int = 25, NextToken: str = "0") -> dict[str, Any]:
        start = int(NextToken)
        runs = self.job_runs.get(JobName, [])
        more = {"NextToken": str(start + MaxResults)} if start + MaxResults < len(runs) else {}
        return {"JobRuns": runs[start : start + MaxResults], **more}

    def get_job_run(self, JobName: str, RunId: str, **_: Any) -> dict[str, Any]:
        for run in self.job_runs.get(JobName, []):
            if run["Id"] == RunId:
                return {"JobRun": run}
        raise client_error("EntityNotFoundException", "Entity not found")

    def get_job_bookmark(self, JobName: str, **_: Any) -> dict[str, Any]:
        raise client_error("EntityNotFoundException", "Entity not found")

    def get_crawler(self, Name: str) -> dict[str, Any]:
        return {"Crawler": self._found(self.crawlers, Name)}

    def batch_get_crawlers(self, CrawlerNames: list[str]) -> dict[str, Any]:
        return {"Crawlers": [self.crawlers[one] for one in CrawlerNames if one in self.crawlers]}

    def list_crawls(self, CrawlerName: str, MaxResults: int = 25, **_: Any) -> dict[str, Any]:
        return {"Crawls": self.crawls.get(CrawlerName, [])[:MaxResults]}

    def get_blueprint(self, Name: str, **_: Any) -> dict[str, Any]:
        return {"Blueprint": self._found(self.blueprints, Name)}

    def batch_get_blueprints(self, Names: list[str], **_: Any) -> dict[str, Any]:
        return {"Blueprints": [self.blueprints[one] for one in Names if one in self.blueprints]}

    def get_tags(self, ResourceArn: str) -> dict[str, Any]:
        return {"Tags": self.tags.get(ResourceArn, {})}

    def get_blueprint_runs(self, BlueprintName: str, **_: Any) -> dict[str, Any]:
        return {"BlueprintRuns": self.blueprint_runs.get(BlueprintName, [])}

    def get_blueprint_run(self, BlueprintName: str, RunId: str) -> dict[str, Any]:
        for run in self.blueprint_runs.get(BlueprintName, []):
            if run["RunId"] == RunId:
                return {"BlueprintRun": run}
        raise client_error("EntityNotFoundException", "Entity not found")

    def get_database(self, Name: str) -> dict[str, Any]:
        self._found(self.databases, Name)
        return {"Database": {"Name": Name}}

    def get_tables(self, DatabaseName: str, **_: Any) -> dict[str, Any]:
        return {"TableList": list(self._found(self.databases, DatabaseName).values())}

    def get_table(self, DatabaseName: str, Name: str) -> dict[str, Any]:
        return {"Table": self._found(self._found(self.databases, DatabaseName), Name)}

    def get_partitions(self, MaxResults: int = 100, NextToken: str = "0", **_: Any) -> dict[str, Any]:
        start = int(NextToken)
        more = {"NextToken": str(start + MaxResults)} if start + MaxResults < len(self.partitions) else {}
        return {"Partitions": self.partitions[start : start + MaxResults], **more}

    # What the console changes.

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        if operation.startswith(("_", "get_", "list_", "batch_")):
            raise AttributeError(operation)

        def record(**request: Any) -> dict[str, Any]:
            self.calls.append((operation, request))
            return {"RunId": "wr_new", "JobRunId": "jr_new", "BlueprintName": request.get("BlueprintName", "")}

        return record


class FakeLogs:
    """CloudWatch Logs over the events of a :class:`FakeGlue`."""

    exceptions = _Exceptions

    def __init__(self, glue: FakeGlue) -> None:
        self._glue = glue

    def get_log_events(self, logGroupName: str, logStreamName: str, **more: Any) -> dict[str, Any]:
        events = self._glue.logs.get((logGroupName, logStreamName))
        if events is None:
            raise client_error("ResourceNotFoundException", "no such stream")
        start = int(more.get("nextToken", "0"))
        end = min(len(events), start + 10_000)
        return {"events": events[start:end], "nextForwardToken": str(end)}

    def get_paginator(self, name: str) -> _Pages:
        return _Pages(lambda **_: iter([{"events": []}]))


class FakeS3:
    """Buckets and objects of a :class:`FakeGlue`."""

    exceptions = _Exceptions

    def __init__(self, glue: FakeGlue) -> None:
        self._glue = glue
        self.meta = type("Meta", (), {"region_name": "us-east-1"})()

    def list_buckets(self) -> dict[str, Any]:
        return {"Buckets": [{"Name": one, "CreationDate": NOW} for one in self._glue.objects]}

    def _bucket(self, name: str) -> dict[str, bytes]:
        if name not in self._glue.objects:
            raise client_error("NoSuchBucket", "no such bucket")
        return self._glue.objects[name]

    def list_objects_v2(self, Bucket: str, Prefix: str = "", Delimiter: str = "", **_: Any) -> dict[str, Any]:
        folders, found = {}, []
        for key, body in sorted(self._bucket(Bucket).items()):
            if key.startswith(Prefix):
                rest = key[len(Prefix) :]
                if Delimiter and Delimiter in rest:
                    folders[Prefix + rest.split(Delimiter)[0] + Delimiter] = None
                else:
                    found.append({"Key": key, "Size": len(body), "LastModified": NOW, "ETag": '"e"'})
        return {"Contents": found, "CommonPrefixes": [{"Prefix": one} for one in folders]}

    def get_paginator(self, name: str) -> _Pages:
        return _Pages(lambda **request: iter([self.list_objects_v2(**request)]))

    def head_object(self, Bucket: str, Key: str) -> dict[str, Any]:
        return {
            "ContentLength": len(self._object(Bucket, Key)),
            "LastModified": NOW,
            "ContentType": "text/html",
            "ETag": '"e"',
        }

    def get_object(self, Bucket: str, Key: str, Range: str | None = None) -> dict[str, Any]:
        body = self._object(Bucket, Key)
        if Range:
            first, _, last = Range.removeprefix("bytes=").partition("-")
            body = body[int(first) : int(last) + 1]
        return {"Body": io.BytesIO(body), "ContentLength": len(body)}

    def _object(self, bucket: str, key: str) -> bytes:
        if key not in self._bucket(bucket):
            raise client_error("NoSuchKey", "no such key")
        return self._bucket(bucket)[key]

    def head_bucket(self, Bucket: str) -> dict[str, Any]:
        self._bucket(Bucket)
        return {}

    def upload_fileobj(self, body: Any, bucket: str, key: str) -> None:
        self._bucket(bucket)[key] = body.read()

    def put_object(self, Bucket: str, Key: str, Body: bytes, **_: Any) -> None:
        self._bucket(Bucket)[Key] = Body

    def create_bucket(self, Bucket: str, **_: Any) -> None:
        self._glue.objects[Bucket] = {}


class FakeAthena:
    """One query that has an outcome."""

    exceptions = _Exceptions

    def __init__(self, glue: FakeGlue) -> None:
        self._glue = glue
        self.status: dict[str, Any] = {"State": "SUCCEEDED", "SubmissionDateTime": NOW, "CompletionDateTime": NOW}
        self.rows: list[list[str | None]] = [["country", "orders"], ["DE", "12"], [None, "3"]]

    def start_query_execution(self, **request: Any) -> dict[str, Any]:
        self._glue.calls.append(("start_query_execution", request))
        return {"QueryExecutionId": "q1"}

    def stop_query_execution(self, **request: Any) -> None:
        self._glue.calls.append(("stop_query_execution", request))

    def get_query_execution(self, QueryExecutionId: str) -> dict[str, Any]:
        if QueryExecutionId != "q1":
            raise client_error("InvalidRequestException", "QueryExecution was not found")
        return {
            "QueryExecution": {
                "QueryExecutionId": "q1",
                "Query": "SELECT country",
                "StatementType": "DML",
                "Status": self.status,
                "Statistics": {"TotalExecutionTimeInMillis": 1500, "DataScannedInBytes": 2000},
                "ResultConfiguration": {"OutputLocation": "s3://results/q1.csv"},
            }
        }

    def get_query_results(self, **_: Any) -> dict[str, Any]:
        columns = [{"Name": "country", "Type": "varchar"}, {"Name": "orders", "Type": "bigint"}]
        rows = [{"Data": [{} if one is None else {"VarCharValue": one} for one in row]} for row in self.rows]
        return {"ResultSet": {"Rows": rows, "ResultSetMetadata": {"ColumnInfo": columns}}}

    def list_query_executions(self, **_: Any) -> dict[str, Any]:
        return {"QueryExecutionIds": ["q1"] if self._glue.calls else []}

    def batch_get_query_execution(self, **_: Any) -> dict[str, Any]:
        return {"QueryExecutions": [self.get_query_execution("q1")["QueryExecution"]]}


class FakeSts:
    """The account of the local Glue."""

    def get_caller_identity(self) -> dict[str, Any]:
        return {"Account": "123456789012"}


class FakeSession:
    """A session with fake clients."""

    def __init__(self, glue: FakeGlue, *, is_aws: bool = False) -> None:
        self.glue = glue
        self.is_aws = is_aws
        self.endpoint = None if is_aws else Endpoint("http://127.0.0.1:4577", "key", "secret", "us-east-1")
        self.poll_seconds = 0.01
        self._clients = {
            "glue": glue,
            "logs": FakeLogs(glue),
            "s3": FakeS3(glue),
            "athena": FakeAthena(glue),
            "sts": FakeSts(),
        }
        self._clients["athena"].meta = glue.meta = type("Meta", (), {"region_name": "us-east-1"})()

    def client(self, service: str) -> Any:
        """The client of a service."""
        return self._clients[service]

    def notify(self, line: str) -> None:
        """Drop a line."""
