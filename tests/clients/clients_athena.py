"""awswrangler.athena and PyAthena against the local Athena; run in .venv-clients by test_clients_python.py."""

from __future__ import annotations

import awswrangler as wr
import boto3
import clients_checks
import pandas as pd
from pyathena import connect
from pyathena.cursor import DictCursor
from pyathena.error import OperationalError
from pyathena.pandas.cursor import PandasCursor

BUCKET, DATABASE = "athena-clients", "athena_clients"
OUTPUT = f"s3://{BUCKET}/results/"
TRIPS = pd.DataFrame(
    {
        "id": [1, 2, 3],
        "fare": [1.5, 2.5, None],
        "day": ["mon", "tue", "tue"],
        "at": pd.to_datetime(["2024-01-01"] * 3),
    }
)


def check_write_with_awswrangler() -> None:
    """A data set that awswrangler writes is the table of all checks."""
    boto3.client("s3").create_bucket(Bucket=BUCKET)
    wr.catalog.create_database(DATABASE, exist_ok=True)
    wr.s3.to_parquet(
        TRIPS, f"s3://{BUCKET}/trips/", dataset=True, database=DATABASE, table="trips", partition_cols=["day"]
    )


def _read(place: str = OUTPUT, **options: object) -> pd.DataFrame:
    sql = "SELECT id, fare, at, day FROM trips ORDER BY id"
    return wr.athena.read_sql_query(sql, database=DATABASE, s3_output=place, **options)


def _check(found: pd.DataFrame) -> None:
    found = found.sort_values("id").reset_index(drop=True)
    assert found["id"].tolist() == [1, 2, 3]
    assert found["fare"].tolist()[:2] == [1.5, 2.5]
    assert found["fare"].isna().tolist() == [False, False, True]
    assert found["day"].astype("string").tolist() == ["mon", "tue", "tue"]
    assert found["at"].dt.year.tolist() == [2024, 2024, 2024]


def check_awswrangler_plain() -> None:
    """``ctas_approach=False``: the CSV result."""
    _check(_read(ctas_approach=False))


def check_awswrangler_ctas() -> None:
    """``ctas_approach=True``, the default: a temporary table, its manifest, its deletion."""
    _check(_read(ctas_approach=True))
    assert [one["Name"] for one in wr.catalog.get_tables(database=DATABASE)] == ["trips"]


def check_awswrangler_unload() -> None:
    """``unload_approach=True``: Parquet files, below a location without any, and their manifest."""
    _check(_read(f"s3://{BUCKET}/unloaded/", ctas_approach=False, unload_approach=True))


def check_awswrangler_chunks_and_parameters() -> None:
    """``chunksize`` and ``params``."""
    chunks = wr.athena.read_sql_query(
        "SELECT id FROM trips WHERE day = :day ORDER BY id",
        database=DATABASE,
        s3_output=OUTPUT,
        ctas_approach=False,
        chunksize=1,
        params={"day": "tue"},
    )
    assert [row for chunk in chunks for row in chunk["id"].tolist()] == [2, 3]


def check_awswrangler_describes() -> None:
    """describe_table, show_create_table, repair_table, get_query_columns_types, list of workgroups."""
    described = wr.athena.describe_table(table="trips", database=DATABASE, s3_output=OUTPUT)
    assert described["Column Name"].tolist() == ["id", "fare", "at", "day"]
    text = wr.athena.show_create_table(table="trips", database=DATABASE, s3_output=OUTPUT)
    assert "PARTITIONED BY" in text
    assert wr.athena.repair_table(table="trips", database=DATABASE, s3_output=OUTPUT) == "SUCCEEDED"
    id_ = wr.athena.start_query_execution(
        "SELECT id, fare FROM trips", database=DATABASE, s3_output=OUTPUT, wait=False
    )
    assert wr.athena.wait_query(id_)["Status"]["State"] == "SUCCEEDED"
    assert wr.athena.get_query_columns_types(id_) == {"id": "bigint", "fare": "double"}


def check_awswrangler_errors() -> None:
    """A failed query is QueryFailed with Athena's reason."""
    reason = ""
    try:
        wr.athena.read_sql_query(
            "SELECT nope FROM trips", database=DATABASE, s3_output=OUTPUT, ctas_approach=False
        )
    except wr.exceptions.QueryFailed as error:
        reason = str(error)
    assert "COLUMN_NOT_FOUND" in reason


def check_pyathena() -> None:
    """The DB API: rows with types, parameters, description, errors."""
    with connect(s3_staging_dir=OUTPUT, region_name="us-east-1", schema_name=DATABASE) as connection:
        cursor = connection.cursor()
        cursor.execute(
            "SELECT id, fare, at, array[id] AS a FROM trips WHERE day = %(day)s ORDER BY id", {"day": "tue"}
        )
        assert [one[0] for one in cursor.description] == ["id", "fare", "at", "a"]
        rows = cursor.fetchall()
        assert [row[0] for row in rows] == [2, 3]
        assert rows[1][1] is None
        assert rows[0][2].year == 2024
        cursor.execute("SHOW TABLES")
        assert cursor.fetchall() == [("trips",)]
        cursor.execute("SELECT id FROM trips WHERE id = ?", ["2"], paramstyle="qmark")
        assert cursor.fetchone() == (2,)
        with_names = connection.cursor(DictCursor).execute("SELECT 1 AS one")
        assert with_names.fetchall() == [{"one": 1}]
        reason = ""
        try:
            cursor.execute("SELECT nope FROM trips")
        except OperationalError as error:
            reason = str(error)
        assert "COLUMN_NOT_FOUND" in reason


def check_pyathena_pandas() -> None:
    """PandasCursor reads the CSV. (ArrowCursor opens S3 with pyarrow, without the endpoint of the environment.)"""
    with connect(s3_staging_dir=OUTPUT, region_name="us-east-1", schema_name=DATABASE) as connection:
        sql = "SELECT id, fare, day FROM trips ORDER BY id"
        frame = connection.cursor(PandasCursor).execute(sql).as_pandas()
        assert frame["id"].tolist() == [1, 2, 3]


if __name__ == "__main__":
    clients_checks.run(globals())
