"""TPC-H: the same answers as DuckDB gives directly, from Parquet and from CSV; ``make query``."""

from __future__ import annotations

import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from query_running import Statements
from query_tpch import QUERIES, TABLES

from glueprint.query.types import Type, to_hive

GENERATOR = Path(__file__).parents[2] / ".venv-clients" / "bin" / "tpchgen-cli"
SCALE = "0.01"
TOLERANCE = Decimal("0.01")
"""What quotients may differ by: Athena's are decimals of the operands' scale, DuckDB's floating-point numbers."""

pytestmark = [
    pytest.mark.query,
    pytest.mark.skipif(not GENERATOR.exists(), reason="no .venv-clients: `make clients` makes it"),
]


@pytest.fixture(scope="module")
def tpch(shop: Statements, tmp_path_factory: pytest.TempPathFactory) -> tuple[Statements, Any]:
    """The tables in the databases ``tpch_parquet`` and ``tpch_csv``, and in DuckDB itself."""
    folder = tmp_path_factory.mktemp("tpch")
    command = [GENERATOR, "parquet", "-s", SCALE, "--output-dir", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    direct = duckdb.connect()
    shop.run("CREATE DATABASE tpch_parquet", "CREATE DATABASE tpch_csv")
    for table in TABLES:
        direct.execute(f"CREATE TABLE {table} AS SELECT * FROM '{folder / table}.parquet'")
        lines = folder / f"{table}.csv"
        direct.execute(f"COPY {table} TO '{lines}' (FORMAT csv, HEADER true)")
        columns = direct.execute(f"DESCRIBE {table}").fetchall()
        listed = ", ".join(f"{name} {_hive(kind)}" for name, kind, *_ in columns)
        texts = ", ".join(f"{name} string" for name, *_ in columns)
        shop.put(f"tpch/parquet/{table}/{table}.parquet", (folder / f"{table}.parquet").read_bytes())
        shop.put(f"tpch/csv/{table}/{table}.csv", lines.read_bytes())
        casts = ", ".join(f"CAST({name} AS {kind.lower()}) AS {name}" for name, kind, *_ in columns)
        shop.run(
            f"CREATE EXTERNAL TABLE tpch_parquet.{table} ({listed}) STORED AS PARQUET "
            f"LOCATION 's3://data/tpch/parquet/{table}/'",
            f"CREATE EXTERNAL TABLE tpch_csv.{table}_texts ({texts}) ROW FORMAT SERDE "
            f"'org.apache.hadoop.hive.serde2.OpenCSVSerde' LOCATION 's3://data/tpch/csv/{table}/' "
            "TBLPROPERTIES ('skip.header.line.count' = '1')",
            f"CREATE VIEW tpch_csv.{table} AS SELECT {casts} FROM tpch_csv.{table}_texts",
        )
    return shop, direct


def _hive(kind: str) -> str:
    names = {"INTEGER": "integer", "BIGINT": "bigint", "DATE": "date", "VARCHAR": "varchar"}
    return kind.lower() if kind.startswith("DECIMAL") else to_hive(Type(names[kind]))


@pytest.mark.parametrize("database", ["tpch_parquet", "tpch_csv"])
@pytest.mark.parametrize("number", QUERIES)
def test_tpch_has_the_answers_of_duckdb(number: int, database: str, tpch: tuple[Statements, Any]) -> None:
    """Every row and value, in order."""
    statements, direct = tpch
    qualified = QUERIES[number]
    expected = [[_text(value) for value in row] for row in direct.execute(qualified).fetchall()]
    found = statements.within(database).rows(qualified)
    assert len(found) == len(expected)
    for one, two in zip(found, expected, strict=True):
        assert all(_same(a, b) for a, b in zip(one, two, strict=True)), (one, two)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _same(one: str | None, two: str | None) -> bool:
    if one == two or one is None or two is None:
        return one == two
    try:
        return abs(Decimal(one) - Decimal(two)) <= TOLERANCE
    except ArithmeticError:
        return False
