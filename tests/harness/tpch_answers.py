"""Answers to TPC-H's queries, compared with those of DuckDB over the generated files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from harness.athena_api import OUTPUT, after, result_rows
from harness.local_server import Server
from harness.tpch import QUERIES, TABLES, same


def direct_tables(folder: Path) -> Any:
    """Return a connection of DuckDB with the Parquet files of a folder as tables."""
    connection = duckdb.connect()
    for table in TABLES:
        connection.execute(f"CREATE VIEW {table} AS SELECT * FROM '{folder / table}.parquet'")
    return connection


def check_answers(server: Server, direct: Any, database: str) -> None:
    """Compare every row and value of all queries through Athena's API with DuckDB's."""
    athena = server.client("athena")
    context = {"QueryExecutionContext": {"Database": database}, **OUTPUT}
    ids = {
        number: athena.start_query_execution(QueryString=sql, **context)["QueryExecutionId"]
        for number, sql in QUERIES.items()
    }
    for number, id_ in ids.items():
        found = after(athena, id_)
        assert found["Status"]["State"] == "SUCCEEDED", (number, found["Status"])
        check_same(number, result_rows(athena, id_), direct)


def check_same(number: int, found: Sequence[Sequence[str | None]], direct: Any) -> None:
    """Compare one answer with DuckDB's own."""
    expected = [
        [None if value is None else str(value) for value in row]
        for row in direct.execute(QUERIES[number]).fetchall()
    ]
    assert len(found) == len(expected), number
    for one, two in zip(found, expected, strict=True):
        assert all(same(a, b) for a, b in zip(one, two, strict=True)), (number, one, two)
