"""TPC-H over tables that the blueprint ``conversion`` makes of CSV files; needs .venv-clients (``make query``)."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness.tpch import GENERATOR, TABLES, generate
from harness.tpch_answers import check_answers, direct_tables
from real_runs import RealRuns

from glueprint.query.types import Type, to_hive

pytestmark = [
    pytest.mark.catalogue,
    pytest.mark.spark,
    pytest.mark.slow,
    pytest.mark.skipif(not GENERATOR.exists(), reason="no .venv-clients: `make query` makes it"),
]


def test_tpch_over_converted_tables_has_duckdbs_answers(real: RealRuns, tmp_path: Path) -> None:
    """Eight workflows at once turn CSV into Parquet with the standard's types; the 22 queries then have the
    answers that DuckDB has over the generator's own Parquet files (TPC-H 3.0.1, chapters 1.4 and 2.4)."""
    for form in ("csv", "parquet"):
        generate(form, "0.01", tmp_path)
    bucket = real.bucket("tpch")
    real.bucket("results")
    with direct_tables(tmp_path) as direct:
        runs = {}
        for table in TABLES:
            real.s3.upload_file(str(tmp_path / f"{table}.csv"), bucket, f"in/{table}/{table}.csv")
            columns = direct.execute(f"DESCRIBE {table}").fetchall()
            workflow = real.create(
                "conversion",
                Location=f"s3://{bucket}/in/{table}/",
                DestinationLocation=f"s3://{bucket}/out/{table}/",
                DestinationDatabase="tpch_converted",
                DestinationTable=table,
                Schema=", ".join(f"{name} {_hive(kind)}" for name, kind, *_ in columns),
            )
            runs[workflow] = real.start(workflow)
        for workflow, run_id in runs.items():
            found = real.finished(workflow, run_id)
            assert found.succeeded, found.errors
        check_answers(real.server, direct, "tpch_converted")


def _hive(kind: str) -> str:
    names = {"INTEGER": "integer", "BIGINT": "bigint", "DATE": "date", "VARCHAR": "varchar"}
    return kind.lower() if kind.startswith("DECIMAL") else to_hive(Type(names[kind]))
