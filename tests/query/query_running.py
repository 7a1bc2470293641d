"""Runs statements in the test's own process against a local Glue, and reads what they have stored."""

from __future__ import annotations

import atexit
import copy
import functools
import itertools
import shutil
import tempfile
from pathlib import Path
from typing import Any

import duckdb
from harness.local_server import Server

from glueprint.query.compiling.queries import Queries
from glueprint.query.connection import connect, explained
from glueprint.query.dialect import parse_query
from glueprint.query.errors import QueryError
from glueprint.query.process import run
from glueprint.query.result_rows import Row, read_rows
from glueprint.query.results import text_sql
from glueprint.query.specification import QueryAnswer, QuerySpec
from glueprint.query.types import quoted

_numbers = itertools.count(1)


@functools.cache
def _connection() -> Any:
    """One for all: making it takes longer than most queries."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return connect(folder, [], memory_bytes=2**30, threads=1)


def evaluate(sql: str) -> list[Row]:
    """The rows of a query without tables, as text; raises QueryError."""

    def no_table(database: str | None, name: str, node: Any) -> Any:
        raise QueryError("TABLE_NOT_FOUND", name)

    query = Queries(no_table).query(parse_query(sql))
    connection = _connection()
    listed = ", ".join(text_sql(quoted(one.own_name), one.type) for one in query.columns)
    try:
        found: list[Any] = connection.execute(f"SELECT {listed} FROM ({query.sql})").fetchall()
    except duckdb.Error as error:
        raise explained(error) from error
    return [list(row) for row in found]


class Statements:
    """Runs statements over a server's Data Catalog."""

    def __init__(self, server: Server, folder: Path, database: str) -> None:
        self.server = server
        self._folder = folder
        self._database = database
        self._clients: dict[str, Any] = {}
        self.s3 = self.client("s3")
        for bucket in ("results", "data"):
            self.s3.create_bucket(Bucket=bucket)
        self.client("glue").create_database(DatabaseInput={"Name": database})

    def within(self, database: str) -> Statements:
        """The same, in another database."""
        other = copy.copy(self)
        other._database = database
        return other

    def client(self, service: str) -> Any:
        """A boto3 client."""
        if service not in self._clients:
            self._clients[service] = self.server.client(service)
        return self._clients[service]

    def answer(self, sql: str, *parameters: str) -> QueryAnswer:
        """How a statement ended."""
        number = next(_numbers)
        work = self._folder / f"q{number}"
        work.mkdir()
        spec = QuerySpec(
            f"q-{number}",
            sql,
            self._database,
            "s3://results/",
            str(work),
            parameters=parameters,
            objects_root=str(self.server.data_dir / "s3"),
            threads=1,
        )
        return run(spec, self.client)

    def error(self, sql: str) -> str:
        """The reason why a statement fails."""
        found = self.answer(sql).error
        assert found is not None, f"{sql} has run"
        return found

    def text(self, sql: str, *parameters: str) -> str:
        """The result's file."""
        found = self.answer(sql, *parameters)
        assert found.error is None, f"{sql}: {found.error}"
        return self.result(found).decode()

    def result(self, answer: QueryAnswer) -> bytes:
        """The content of the file with a result."""
        assert answer.output is not None
        bucket, _, key = answer.output.removeprefix("s3://").partition("/")
        content: bytes = self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return content

    def rows(self, sql: str, *parameters: str) -> list[Row]:
        """The rows of a query."""
        content = self.text(sql, *parameters).encode()
        return read_rows(content, 10**9, is_end=True)[0][1:]

    def result_rows(self, answer: QueryAnswer) -> list[Row]:
        """The rows of a query that has run."""
        return read_rows(self.result(answer), 10**9, is_end=True)[0][1:]

    def run(self, *statements: str) -> None:
        """Run statements that must succeed."""
        for sql in statements:
            found = self.answer(sql)
            assert found.error is None, f"{sql}: {found.error}"

    def put(self, key: str, content: bytes | str) -> None:
        """Store an object in the bucket ``data``."""
        self.s3.put_object(Bucket="data", Key=key, Body=content)
