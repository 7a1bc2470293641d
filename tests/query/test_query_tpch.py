"""TPC-H end to end; ``make query``: files of tpchgen-cli become tables by our crawler, and the 22 queries have
DuckDB's own answers through Athena's API and through ``glueprint query``. Tables of the blueprint ``conversion``:
tests/catalogue/test_conversion_tpch.py.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from harness.athena_api import OUTPUT, after
from harness.local_server import ROLE, Server, until
from harness.tpch import GENERATOR, QUERIES, TABLES, generate
from harness.tpch_answers import check_answers, check_same, direct_tables

SCALE = "0.01"

pytestmark = [
    pytest.mark.query,
    pytest.mark.skipif(not GENERATOR.exists(), reason="no .venv-clients: `make query` makes it"),
]


@pytest.fixture(scope="module")
def parquet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the Parquet files."""
    folder = tmp_path_factory.mktemp("parquet")
    generate("parquet", SCALE, folder)
    return folder


@pytest.fixture(scope="module")
def direct(parquet: Path) -> Iterator[Any]:
    """DuckDB with the Parquet files as tables."""
    with direct_tables(parquet) as connection:
        yield connection


@pytest.fixture(scope="module")
def tpch(
    query_server: Server, parquet: Path, direct: Any, tmp_path_factory: pytest.TempPathFactory
) -> Server:
    """A server with crawled tables in ``tpch_parquet`` and ``tpch_csv``."""
    s3, glue = query_server.client("s3"), query_server.client("glue")
    for bucket in ("tpch", "results"):
        s3.create_bucket(Bucket=bucket)
    lines = tmp_path_factory.mktemp("csv")
    generate("csv", SCALE, lines)
    for table in TABLES:
        s3.upload_file(str(parquet / f"{table}.parquet"), "tpch", f"parquet/{table}/{table}.parquet")
        s3.upload_file(str(lines / f"{table}.csv"), "tpch", f"csv/{table}/{table}.csv")
    glue.create_classifier(
        CsvClassifier={
            "Name": "quoted",
            "Delimiter": ",",
            "QuoteSymbol": '"',
            "ContainsHeader": "PRESENT",
            "Serde": "OpenCSVSerDe",
        }
    )
    for form, classifiers in (("parquet", []), ("csv", ["quoted"])):
        name = f"tpch_{form}"
        glue.create_database(DatabaseInput={"Name": name})
        glue.create_crawler(
            Name=name,
            Role=ROLE,
            DatabaseName=name,
            Classifiers=classifiers,
            Targets={"S3Targets": [{"Path": f"s3://tpch/{form}/"}]},
            TablePrefix="raw_" if form == "csv" else "",
        )
        glue.start_crawler(Name=name)
        last = until(lambda name=name: glue.get_crawler(Name=name)["Crawler"].get("LastCrawl"))
        assert last["Status"] == "SUCCEEDED", last
        assert len(glue.get_tables(DatabaseName=name)["TableList"]) == len(TABLES)
    athena = query_server.client("athena")
    for table in TABLES:  # OpenCSVSerDe's columns are texts: views have the types
        columns = direct.execute(f"DESCRIBE {table}").fetchall()
        casts = ", ".join(f"CAST({name} AS {kind.lower()}) AS {name}" for name, kind, *_ in columns)
        view = f"CREATE VIEW tpch_csv.{table} AS SELECT {casts} FROM tpch_csv.raw_{table}"
        found = after(athena, athena.start_query_execution(QueryString=view, **OUTPUT)["QueryExecutionId"])
        assert found["Status"]["State"] == "SUCCEEDED", found
    return query_server


@pytest.mark.parametrize("database", ["tpch_parquet", "tpch_csv"])
def test_tpch_over_crawled_tables_has_duckdbs_answers(tpch: Server, direct: Any, database: str) -> None:
    """Tables of a crawler, Athena's API: every row and value, in order (TPC-H 3.0.1, chapter 2.4)."""
    check_answers(tpch, direct, database)


def test_tpch_through_the_command_has_duckdbs_answers(tpch: Server, direct: Any) -> None:
    """``glueprint query --csv`` prints every row and value, in order."""

    def run(number: int) -> str:
        command = [sys.executable, "-m", "glueprint.cli", "query", "--data-dir", str(tpch.data_dir)]
        command += ["--database", "tpch_parquet", "--csv", QUERIES[number]]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for number, text in zip(QUERIES, pool.map(run, QUERIES), strict=True):
            rows = [[cell or None for cell in row] for row in csv.reader(text.splitlines())]
            check_same(number, rows[1:], direct)
