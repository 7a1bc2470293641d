"""Queries through the Athena API of a running server."""

from __future__ import annotations

from typing import Any

from harness.local_server import until

OUTPUT = {"ResultConfiguration": {"OutputLocation": "s3://results/api"}}
"""For tests whose server has the bucket ``results``."""
FINAL = ("SUCCEEDED", "FAILED", "CANCELLED")


def after(athena: Any, id_: str) -> dict[str, Any]:
    """A query, once it has ended."""

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = athena.get_query_execution(QueryExecutionId=id_)["QueryExecution"]
        return found if found["Status"]["State"] in FINAL else None

    return until(look)


def result_rows(athena: Any, id_: str) -> list[list[str | None]]:
    """All rows of a query's result, without the names of the columns."""
    pages = athena.get_paginator("get_query_results").paginate(QueryExecutionId=id_)
    return [
        [cell.get("VarCharValue") for cell in row["Data"]]
        for page in pages
        for row in page["ResultSet"]["Rows"]
    ][1:]
