"""Each answer of each implemented operation parses and is never a 500, for generated requests."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.parsers import create_parser
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from operations_harness import CONTEXT, ROLE, Operations
from operations_requests import SEEDED, Requests

from glueprint.facts.validation import problems
from glueprint.local.logs import prepare_log
from glueprint.local.protocol import JsonService
from glueprint.local.store.bookmark_rows import Bookmark, add_bookmark
from glueprint.local.store.database import Connection

PARSER = create_parser("json")
EXAMPLES = 15
"""Requests for each operation; 400 of each found the errors that are fixed since."""


class Seeded(Operations):
    """A Glue with one of everything, all with the same name, that can be restored."""

    def seed(self) -> None:
        """Create one of everything, and keep a copy of it."""
        name = SEEDED
        command = {"Name": "pythonshell", "ScriptLocation": "s3://data/a.py", "PythonVersion": "3.9"}
        self.put("in/a.csv", b"a,b\n1,2\n")
        self.put("a.zip", _blueprint())
        self.call("CreateBlueprint", Name=name, BlueprintLocation="s3://data/a.zip")
        self.local.glue.operations["CreateBlueprint"].call.__self__.register(name)  # type: ignore[attr-defined]
        self.call("CreateWorkflow", Name=name)
        self.call("CreateJob", Name=name, Role=ROLE, Command=command)
        self.call("CreateTrigger", Name=name, Type="ON_DEMAND", WorkflowName=name, Actions=[{"JobName": name}])
        self.call("CreateDatabase", DatabaseInput={"Name": name})
        self.call("CreateClassifier", CsvClassifier={"Name": name})
        network = {"Name": name, "ConnectionType": "NETWORK", "ConnectionProperties": {}}
        self.call("CreateConnection", ConnectionInput=network)
        targets = {"S3Targets": [{"Path": "s3://data/in"}]}
        crawler = {"Role": ROLE, "DatabaseName": name, "Targets": targets, "Schedule": "cron(0 12 * * ? *)"}
        for crawler_name in (name, "b"):
            self.call("CreateCrawler", Name=crawler_name, **crawler)
        function = {"FunctionName": name, "ClassName": "x"}
        self.call("CreateUserDefinedFunction", DatabaseName=name, FunctionInput=function)
        keys = [{"Name": "day", "Type": "string"}]
        self.call("CreateTable", DatabaseName=name, TableInput={"Name": name, "PartitionKeys": keys})
        for value in (name, "2024-01-01"):
            given = {"DatabaseName": name, "TableName": name, "PartitionInput": {"Values": [value]}}
            self.call("CreatePartition", **given)
        self.call("UpdateTable", DatabaseName=name, TableInput={"Name": name, "PartitionKeys": keys})
        row = Bookmark(name, 1, 1, 0, "jr_1", None, "{}")
        self.local.database.write(lambda tx: add_bookmark(tx, row))
        self.call("StartJobRun", JobName=name)
        self.call("StartWorkflowRun", Name=name)
        self.call("StartBlueprintRun", BlueprintName=name, RoleArn=ROLE)
        self.call("StartCrawler", Name="b")
        prepare_log(self._data.logs, name, name).write_text("one line\n")
        self._kept = self.local.database.read(_rows)

    @property
    def ids(self) -> list[str]:
        """The ids of runs."""
        kept = [row for table in ("job_run", "workflow_run", "blueprint_run") for row in self._kept[table]]
        return [str(row[0]) for row in kept]

    def restore(self) -> None:
        """Restore what :meth:`seed` created."""
        self.local.database.write(self._put_back)

    def _put_back(self, tx: Connection) -> None:
        tx.execute("PRAGMA defer_foreign_keys = ON")
        for table, rows in self._kept.items():
            tx.execute(f"DELETE FROM {table}")
            for row in rows:
                tx.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
        self.local.engine.forget()


def _rows(tx: Connection) -> dict[str, list[tuple[Any, ...]]]:
    names = [row["name"] for row in tx.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    tables = [name for name in names if not name.startswith("sqlite_")]
    return {name: [tuple(row) for row in tx.execute(f"SELECT * FROM {name}")] for name in tables}


def _blueprint() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a/blueprint.cfg", '{"layoutGenerator": "a.layout.generate_layout", "parameterSpec": {}}')
        archive.writestr("a/layout.py", "def generate_layout(user_params, system_params): ...\n")
    return buffer.getvalue()


def _implemented() -> list[str]:
    """Return the implemented operations, before any test runs."""
    from glueprint.local.reference import IMPLEMENTED, operations_table, statuses

    return sorted(name for name, (where, _) in statuses(operations_table()).items() if where == IMPLEMENTED)


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeded]:
    """One Glue for all requests; its engine never runs, so no process is started."""
    path: Path = tmp_path_factory.mktemp("property") / "data"
    with Seeded(path) as opened:
        opened.seed()
        yield opened


def _check(service: JsonService, operation: str, body: bytes) -> None:
    """Send a request, and parse the answer as botocore does."""
    status, answer = service.handle(f"Service.{operation}", body, CONTEXT)
    assert status in (200, 400), answer
    shape = service.model.operation_model(operation).output_shape
    wire = json.dumps(answer, allow_nan=False).encode()
    headers = {} if status == 200 else {"x-amzn-errortype": answer["__type"]}
    parsed = PARSER.parse({"status_code": status, "headers": headers, "body": wire}, shape)
    if status == 400:
        assert parsed["Error"]["Code"] == answer["__type"]
        assert parsed["Error"]["Message"]
    elif shape is not None:
        assert [problem for problem in problems(shape, answer) if "must have length" not in problem] == []


@pytest.mark.parametrize("operation", _implemented())
def test_every_answer_parses_and_none_is_a_500(seeded: Seeded, operation: str) -> None:
    """Valid and invalid requests from the model, each sent twice: 200 or 400, parsed by botocore."""
    _send_all_kinds(seeded, seeded.local.glue, operation)


def test_the_other_services_answer_every_request(seeded: Seeded) -> None:
    """The same for every implemented operation of CloudWatch Logs and EventBridge."""
    for service in (seeded.local.logs, seeded.local.events):
        for operation in sorted(service.operations):
            _send_all_kinds(seeded, service, operation)


def _send_all_kinds(seeded: Seeded, service: JsonService, operation: str) -> None:
    requests = Requests(seeded.ids).of(service.model.operation_model(operation))

    @settings(
        max_examples=EXAMPLES,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )
    @given(requests)
    def send(request: Any) -> None:
        seeded.restore()
        body = json.dumps(request).encode()
        _check(service, operation, body)
        _check(service, operation, body)

    send()


@pytest.mark.parametrize(
    "body",
    [
        b'{"JobName": NaN}',
        b'{"JobName": "a", "PredecessorsIncluded": Infinity}',
        b'{"JobName": "\xed\xa0\x80"}',
        '{"JobName": "a"}'.encode("utf-16"),
        b"[" * 100_000,
        b"9" * 5_000,
    ],
    ids=["NaN", "Infinity", "half a surrogate pair", "UTF-16", "depth", "digits"],
)
def test_what_only_python_accepts_as_json_is_refused(seeded: Seeded, body: bytes) -> None:
    """JSON is UTF-8 without NaN (RFC 8259): SerializationException, never a 500."""
    status, answer = seeded.local.glue.handle("AWSGlue.GetJob", body, CONTEXT)
    assert (status, answer["__type"]) == (400, "SerializationException")


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1" + "0" * 400])
def test_infinite_numbers_are_refused(seeded: Seeded, number: str) -> None:
    """Numbers that a client could not read back as doubles are refused."""
    body = f'{{"Name": "n", "Role": "r", "Command": {{}}, "MaxCapacity": {number}}}'.encode()
    status, answer = seeded.local.glue.handle("AWSGlue.CreateJob", body, CONTEXT)
    assert (status, answer["__type"]) == (400, "ValidationException")
    assert "'maxCapacity'" in answer["Message"]


@given(st.binary(max_size=60))
def test_any_bytes_are_answered(seeded: Seeded, body: bytes) -> None:
    """A body that is not a request is refused."""
    _check(seeded.local.glue, "GetJob", body)
