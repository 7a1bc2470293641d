"""pyiceberg with its Glue catalog against the local Glue; run in .venv-clients by test_clients_python.py."""

from __future__ import annotations

import os

import boto3
import clients_checks
import pyarrow as pa
from pyiceberg.catalog.glue import GlueCatalog
from pyiceberg.exceptions import NoSuchTableError
from pyiceberg.types import DoubleType

CATALOG = GlueCatalog(
    "glue",
    **{
        "warehouse": "s3://iceberg/warehouse",
        "s3.endpoint": os.environ["AWS_ENDPOINT_URL"],
        "glue.endpoint": os.environ["AWS_ENDPOINT_URL"],
    },
)
ROWS = pa.table({"id": pa.array([1, 2, 3], pa.int64()), "name": ["a", "b", "c"]})


def check_create_and_append() -> None:
    """A table is made, filled and read; each commit is an UpdateTable with the version that it saw."""
    boto3.client("s3").create_bucket(Bucket="iceberg")
    CATALOG.create_namespace("ice")
    table = CATALOG.create_table("ice.rows", ROWS.schema)
    table.append(ROWS)
    table.append(ROWS)
    assert CATALOG.load_table("ice.rows").scan().to_arrow().num_rows == 6
    assert CATALOG.load_table("ice.rows").scan(row_filter="id = 2").to_arrow().num_rows == 2


def check_evolve_and_overwrite() -> None:
    """A new column, rows deleted, snapshots listed."""
    table = CATALOG.load_table("ice.rows")
    with table.update_schema() as update:
        update.add_column("tip", DoubleType())
    table.delete("id = 1")
    assert table.scan().to_arrow().num_rows == 4
    assert "tip" in table.scan().to_arrow().column_names
    assert len(table.snapshots()) >= 3


def check_list_rename_and_drop() -> None:
    """Namespaces and tables are listed, a table is renamed and dropped."""
    assert ("ice",) in CATALOG.list_namespaces()
    assert CATALOG.list_tables("ice") == [("ice", "rows")]
    CATALOG.rename_table("ice.rows", "ice.renamed")
    assert CATALOG.list_tables("ice") == [("ice", "renamed")]
    CATALOG.drop_table("ice.renamed")
    try:
        CATALOG.load_table("ice.renamed")
    except NoSuchTableError:
        CATALOG.drop_namespace("ice")
        return
    raise AssertionError("the table is still there")


if __name__ == "__main__":
    clients_checks.run(globals())
