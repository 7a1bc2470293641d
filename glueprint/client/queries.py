"""Queries through Athena's API, local or AWS: started, waited for, stopped, read."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from glueprint.client import query_hints
from glueprint.client.errors import GlueprintError, error_code
from glueprint.client.session import Session

FINAL_STATES = ("SUCCEEDED", "FAILED", "CANCELLED")
_FIRST_WAIT_SECONDS = 0.02
_LONGEST_WAIT_SECONDS = {True: 1.0, False: 0.2}


class QueryFailed(GlueprintError):
    """The query failed or was stopped; the message is Athena's reason."""


@dataclass(frozen=True, slots=True)
class Result:
    """A query that has succeeded.

    Attributes:
        columns: names and types.
        is_table: whether the rows have columns; else each is a line of text.
    """

    id: str
    columns: tuple[tuple[str, str], ...]
    is_table: bool
    wire: Mapping[str, Any] = field(repr=False)

    @property
    def location(self) -> str:
        """Where the result is in S3."""
        return str(self.wire["ResultConfiguration"].get("OutputLocation") or "")

    @property
    def scanned_bytes(self) -> int:
        """How many bytes of files were read."""
        return int(self.wire.get("Statistics", {}).get("DataScannedInBytes", 0))


def default_output(session: Session) -> str | None:
    """Return where results of a local Glue go unless the caller chooses; the bucket is made if it is not there.

    Its name is that of the bucket that Athena's console creates. On AWS the workgroup decides.
    """
    if session.is_aws:
        return None
    account = session.client("sts").get_caller_identity()["Account"]
    bucket = f"aws-athena-query-results-{account}-{session.client('athena').meta.region_name}"
    s3 = session.client("s3")
    try:
        s3.head_bucket(Bucket=bucket)
    except s3.exceptions.ClientError as error:
        if error_code(error) not in ("404", "NoSuchBucket", "NotFound"):
            raise
        s3.create_bucket(Bucket=bucket)
    return f"s3://{bucket}/"


def start(
    session: Session, sql: str, database: str | None, output: str | None, work_group: str | None
) -> str:
    """Start a query and return its id."""
    request: dict[str, Any] = {"QueryString": sql}
    if database:
        request["QueryExecutionContext"] = {"Database": database}
    if output:
        request["ResultConfiguration"] = {"OutputLocation": output}
    if work_group:
        request["WorkGroup"] = work_group
    return str(session.client("athena").start_query_execution(**request)["QueryExecutionId"])


def wait(session: Session, id_: str) -> Result:
    """Wait for a query's end.

    Raises:
        QueryFailed: it failed, or was stopped.
    """
    athena, pause = session.client("athena"), _FIRST_WAIT_SECONDS
    while True:
        found = athena.get_query_execution(QueryExecutionId=id_)["QueryExecution"]
        state = found["Status"]["State"]
        if state in FINAL_STATES:
            break
        time.sleep(pause)
        pause = min(pause * 1.3, _LONGEST_WAIT_SECONDS[session.is_aws])
    if state != "SUCCEEDED":
        reason = str(found["Status"].get("StateChangeReason") or f"the query is {state}")
        raise QueryFailed(reason, query_hints.hint(session, reason))
    page = athena.get_query_results(QueryExecutionId=id_, MaxResults=1)
    columns = tuple(
        (one["Name"], one["Type"]) for one in page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    )
    return Result(id_, columns, found.get("StatementType") == "DML" and bool(columns), found)


def stop(session: Session, id_: str) -> None:
    """Stop a query."""
    session.client("athena").stop_query_execution(QueryExecutionId=id_)


def rows(session: Session, result: Result, limit: int | None = None) -> Iterator[list[str | None]]:
    """Yield the rows of a result, without the names of the columns; null is None."""
    athena = session.client("athena")
    token: dict[str, str] = {}
    number = -1 if result.is_table else 0
    while True:
        page = athena.get_query_results(QueryExecutionId=result.id, **token)
        for row in page["ResultSet"]["Rows"]:
            if number >= 0:
                yield [cell.get("VarCharValue") for cell in row["Data"]]
            number += 1
            if limit is not None and number >= limit:
                return
        if not page.get("NextToken"):
            return
        token = {"NextToken": page["NextToken"]}
