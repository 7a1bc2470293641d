"""GetQueryResults: pages of the result that is in S3."""

from __future__ import annotations

from typing import Any

from glueprint.local.athena import rows
from glueprint.local.athena.family import Answer, Family, Request, invalid, operation, position, token
from glueprint.local.clock import Clock
from glueprint.local.protocol import Context, Runs
from glueprint.local.s3 import S3Error, S3Store
from glueprint.local.store import Database
from glueprint.query.result_rows import read_rows

MAX_ROWS = 1000
"""Rows of one page (service model, ``MaxQueryResults``)."""
_BLOCK_BYTES = 1 << 20


class ResultPages(Family):
    """Reads results."""

    def __init__(self, database: Database, clock: Clock, s3: S3Store) -> None:
        super().__init__(database, clock)
        self._s3 = s3

    @operation("GetQueryResults", runs=Runs.IN_THREAD)
    def get_query_results(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetQueryResults``: of a query, the first row has the names of the columns."""
        id_ = request["QueryExecutionId"]
        found = self.database.read(lambda tx: rows.get(tx, id_))
        if found.state != "SUCCEEDED":
            if found.state in rows.ACTIVE:
                raise invalid(f"Query has not yet finished. Current state: {found.state}")
            raise invalid(f"Query did not finish successfully. Final query state: {found.state}")
        limit = request.get("MaxResults") or MAX_ROWS
        if not 1 <= limit <= MAX_ROWS:
            raise invalid(f"MaxResults is more than maximum allowed length {MAX_ROWS}.")
        outcome = found.outcome
        lines, following = self._page(outcome.get("output") or "", position(request.get("NextToken")), limit)
        return {
            "UpdateCount": outcome.get("update_count") or 0,
            "ResultSet": {
                "Rows": [{"Data": [_datum(cell) for cell in line]} for line in lines],
                "ResultSetMetadata": {"ColumnInfo": outcome.get("columns") or []},
            },
            "NextToken": following,
        }

    def _page(self, output: str, start: int, limit: int) -> tuple[list[Any], str | None]:
        if not output.endswith((".csv", ".txt")):
            return [], None
        bucket, _, key = output.removeprefix("s3://").partition("/")
        try:
            with self._s3.open(bucket, key) as file:
                size = file.size
                content, wanted = b"", _BLOCK_BYTES
                while True:
                    content = file.read(start, min(wanted, max(0, size - start)))
                    is_end = start + len(content) >= size
                    lines, used = _lines(content, limit, is_table=output.endswith(".csv"), is_end=is_end)
                    if len(lines) == limit or is_end:
                        break
                    wanted *= 4
        except S3Error as error:
            raise invalid(f"Could not find results: {output}: {error}") from error
        return lines, token(start + used) if start + used < size else None


def _lines(content: bytes, limit: int, *, is_table: bool, is_end: bool) -> tuple[list[Any], int]:
    if is_table:
        return read_rows(content, limit, is_end=is_end)
    found: list[list[str]] = []
    at = 0
    while len(found) < limit and at < len(content):
        end = content.find(b"\n", at)
        if end < 0:
            if not is_end:
                break
            end = len(content)
        found.append([content[at:end].decode("utf-8", "replace")])
        at = end + 1
    return found, min(at, len(content))


def _datum(cell: str | None) -> dict[str, str]:
    return {} if cell is None else {"VarCharValue": cell}
