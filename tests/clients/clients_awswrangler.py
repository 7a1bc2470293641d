"""awswrangler's S3 and catalog functions; run in .venv-clients by test_clients_python.py."""

from __future__ import annotations

import awswrangler as wr
import boto3
import clients_checks
import pandas as pd

BUCKET = "wrangled"
TRIPS = pd.DataFrame({"id": [1, 2, 3], "fare": [1.5, 2.5, 3.5], "day": ["mon", "tue", "tue"]})


def check_objects() -> None:
    """Plain objects: write, read, list, size, exist, copy, delete."""
    boto3.client("s3").create_bucket(Bucket=BUCKET)
    wr.s3.to_csv(TRIPS, f"s3://{BUCKET}/plain/a.csv", index=False)
    wr.s3.to_json(TRIPS, f"s3://{BUCKET}/plain/a.json")
    assert wr.s3.read_csv(f"s3://{BUCKET}/plain/a.csv").equals(TRIPS)
    assert len(wr.s3.list_objects(f"s3://{BUCKET}/plain/")) == 2
    assert wr.s3.list_directories(f"s3://{BUCKET}/") == [f"s3://{BUCKET}/plain/"]
    assert wr.s3.does_object_exist(f"s3://{BUCKET}/plain/a.csv")
    assert not wr.s3.does_object_exist(f"s3://{BUCKET}/plain/b.csv")
    assert all(size > 0 for size in wr.s3.size_objects(f"s3://{BUCKET}/plain/").values())
    wr.s3.copy_objects(
        [f"s3://{BUCKET}/plain/a.csv"], source_path=f"s3://{BUCKET}/plain", target_path=f"s3://{BUCKET}/copied"
    )
    assert wr.s3.read_csv(f"s3://{BUCKET}/copied/a.csv").equals(TRIPS)
    wr.s3.delete_objects(f"s3://{BUCKET}/plain/")
    assert wr.s3.list_objects(f"s3://{BUCKET}/plain/") == []


def check_write_a_table() -> None:
    """A dataset becomes a table with partitions in the catalog."""
    wr.catalog.create_database("wrangled", exist_ok=True)
    for mode in ("overwrite", "append"):
        wr.s3.to_parquet(
            TRIPS,
            f"s3://{BUCKET}/trips/",
            dataset=True,
            database="wrangled",
            table="trips",
            partition_cols=["day"],
            mode=mode,
            glue_table_settings={"description": "All trips", "columns_comments": {"fare": "In dollars"}},
        )
    assert wr.catalog.does_table_exist("wrangled", "trips")
    assert len(wr.s3.read_parquet_table(database="wrangled", table="trips")) == 6


def check_overwrite_partitions() -> None:
    """Only the partitions that are written are replaced."""
    wr.s3.to_parquet(
        TRIPS[TRIPS.day == "tue"],
        f"s3://{BUCKET}/trips/",
        dataset=True,
        database="wrangled",
        table="trips",
        partition_cols=["day"],
        mode="overwrite_partitions",
    )
    days = wr.s3.read_parquet_table(database="wrangled", table="trips").groupby("day", observed=True).size()
    assert days.to_dict() == {"mon": 2, "tue": 2}


def check_partition_filter() -> None:
    """Partitions are pushed down by a filter, and by a catalog expression."""
    found = wr.s3.read_parquet_table(
        database="wrangled", table="trips", partition_filter=lambda values: values["day"] == "mon"
    )
    assert set(found.id) == {1}
    partitions = wr.catalog.get_partitions("wrangled", "trips", expression="day = 'tue'")
    assert list(partitions.values()) == [["tue"]]


def check_look_at_the_catalog() -> None:
    """Databases, tables, columns, comments, locations, versions."""
    assert "wrangled" in list(wr.catalog.databases()["Database"])
    assert list(wr.catalog.tables(database="wrangled")["Table"]) == ["trips"]
    assert list(wr.catalog.table(database="wrangled", table="trips")["Column Name"]) == ["id", "fare", "day"]
    assert wr.catalog.get_table_types("wrangled", "trips") == {"id": "bigint", "fare": "double", "day": "string"}
    assert wr.catalog.get_columns_comments("wrangled", "trips")["fare"] == "In dollars"
    assert wr.catalog.get_table_description("wrangled", "trips") == "All trips"
    assert wr.catalog.get_table_location("wrangled", "trips") == f"s3://{BUCKET}/trips/"
    assert wr.catalog.get_table_number_of_versions("wrangled", "trips") >= 1
    assert [one["Name"] for one in wr.catalog.search_tables(text="trips")] == ["trips"]
    assert [one["Name"] for one in wr.catalog.get_tables(name_prefix="tri")] == ["trips"]
    assert [one["Name"] for one in wr.catalog.get_tables(name_contains="rip", database="wrangled")] == ["trips"]


def check_parameters() -> None:
    """Table parameters are merged and replaced."""
    wr.catalog.upsert_table_parameters({"owner": "me"}, database="wrangled", table="trips")
    assert wr.catalog.get_table_parameters("wrangled", "trips")["owner"] == "me"
    wr.catalog.overwrite_table_parameters({"only": "this"}, database="wrangled", table="trips")
    assert wr.catalog.get_table_parameters("wrangled", "trips") == {"only": "this"}


def check_store_parquet_metadata() -> None:
    """Files that are there become a table."""
    wr.s3.store_parquet_metadata(
        f"s3://{BUCKET}/trips/", database="wrangled", table="found", dataset=True, mode="overwrite"
    )
    assert len(wr.catalog.get_partitions("wrangled", "found")) == 2
    assert len(wr.s3.read_parquet_table(database="wrangled", table="found")) == 4


def check_partitions_by_hand() -> None:
    """Partitions are added to a table made by hand, and deleted."""
    wr.catalog.create_csv_table(
        "wrangled",
        "by_hand",
        f"s3://{BUCKET}/by_hand/",
        columns_types={"id": "int"},
        partitions_types={"day": "string"},
    )
    where = f"s3://{BUCKET}/by_hand/day="
    wr.catalog.add_csv_partitions("wrangled", "by_hand", {f"{where}{day}/": [day] for day in ("mon", "tue")})
    assert len(wr.catalog.get_csv_partitions("wrangled", "by_hand")) == 2
    wr.catalog.delete_partitions(database="wrangled", table="by_hand", partitions_values=[["mon"]])
    assert len(wr.catalog.get_csv_partitions("wrangled", "by_hand")) == 1
    wr.catalog.delete_all_partitions(database="wrangled", table="by_hand")
    assert wr.catalog.get_csv_partitions("wrangled", "by_hand") == {}


def check_schema_evolution() -> None:
    """A column that is new in the data is new in the table."""
    wider = TRIPS.assign(tip=0.5)
    wr.s3.to_parquet(
        wider,
        f"s3://{BUCKET}/found/",
        dataset=True,
        database="wrangled",
        table="wider",
        mode="append",
    )
    wr.s3.to_parquet(
        wider.assign(tax=1),
        f"s3://{BUCKET}/found/",
        dataset=True,
        database="wrangled",
        table="wider",
        mode="append",
        schema_evolution=True,
    )
    assert "tax" in wr.catalog.get_table_types("wrangled", "wider")


def check_delete() -> None:
    """Tables, columns and databases go."""
    wr.catalog.delete_column("wrangled", "wider", "tip")
    assert "tip" not in wr.catalog.get_table_types("wrangled", "wider")
    assert wr.catalog.delete_table_if_exists("wrangled", "trips")
    assert not wr.catalog.delete_table_if_exists("wrangled", "trips")
    wr.catalog.delete_database("wrangled")
    assert "wrangled" not in list(wr.catalog.databases()["Database"])


if __name__ == "__main__":
    clients_checks.run(globals())
