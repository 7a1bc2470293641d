"""aws-glue-blueprint-libs: the job scripts of conversion, partitioning, compaction and encoding."""

from __future__ import annotations

import datetime

from amazon_lake import Lake, Row, check, check_rows

REPOSITORY = "awslabs/aws-glue-blueprint-libs"
BUCKET = "s3://blueprint-data"


def trips() -> list[Row]:
    """Records with a nested field, a timestamp, and a field that is null in all of them."""
    start = datetime.datetime(2020, 6, 1, 8, 0)
    return [
        {
            "id": number,
            "city": f"city {number % 3}",
            "at": str(start + datetime.timedelta(hours=7 * number)),
            "fare": {"amount": number / 4, "currency": "USD"},
            "nothing": None,
        }
        for number in range(40)
    ]


def _prepare(lake: Lake) -> None:
    lake.bucket("blueprint-data")
    lake.put_records(f"{BUCKET}/in/trips/part-0.json", trips()[:25])
    lake.put_records(f"{BUCKET}/in/trips/part-1.json", trips()[25:])
    lake.glue.create_database(DatabaseInput={"Name": "blueprints"})
    _table(lake, "tmp_trips", f"{BUCKET}/in/trips/", "json")


def _table(lake: Lake, name: str, location: str, kind: str, keys: tuple[str, ...] = ()) -> None:
    columns = {"id": "int", "city": "string", "at": "timestamp", "fare": "struct<amount:double,currency:string>"}
    lake.glue.create_table(
        DatabaseName="blueprints",
        TableInput={
            "Name": name,
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {"classification": kind},
            "PartitionKeys": [{"Name": key, "Type": columns.pop(key)} for key in keys],
            "StorageDescriptor": {
                "Columns": [{"Name": one, "Type": type_} for one, type_ in columns.items()],
                "Location": location,
                "SerdeInfo": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe"},
            },
        },
    )


def run_conversion(lake: Lake) -> None:
    """Records are written as Parquet, with a table ("Converted files (parquet)", "Table definition in the ...
    catalog").
    """
    _prepare(lake)
    out = f"{BUCKET}/converted/"
    lake.run(
        lake.copies.text(REPOSITORY, "samples/conversion/conversion.py"),
        output_database="blueprints",
        tmp_table="tmp_trips",
        output_table="trips",
        output_path=out,
    )
    check_rows("the converted files", [_with_text(row) for row in lake.parquet(out)], trips())
    columns = lake.columns("blueprints")["trips"]
    check("columns of the table", sorted(columns), ["at", "city", "fare", "id"])


def run_partitioning(lake: Lake) -> None:
    """Files are in Hive-style partitions by the timestamp's year, month, day ("Timestamp-based partitioning").
    """
    _prepare(lake)
    out = f"{BUCKET}/partitioned/"
    lake.run(
        lake.copies.text(REPOSITORY, "samples/partitioning/partitioning.py"),
        output_database="blueprints",
        tmp_table="tmp_trips",
        output_table="trips",
        output_path=out,
        timestamp_column_name="at",
        timestamp_column_granularity="day",
    )
    rows = [_with_text(row) for row in lake.parquet(out, partitioned=True)]
    expected = []
    for row in trips():
        at = datetime.datetime.fromisoformat(row["at"])
        expected.append({**row, "year": at.year, "month": at.month, "day": at.day})
    check_rows("the partitioned files", rows, expected)
    partitions = lake.glue.get_partitions(DatabaseName="blueprints", TableName="trips")["Partitions"]
    found = sorted(tuple(map(int, one["Values"])) for one in partitions)
    days = sorted({(one["year"], one["month"], one["day"]) for one in expected})
    check("partitions of the table", found, days)


def run_compaction(lake: Lake) -> None:
    """Many small files of a partition become one; with size control, files of the desired size.

    Without size control "each Hive partition will have a single file"; with it "files with the desired size",
    whose number the script rounds down, and Spark does not make more of them than it reads parts (slots).
    """
    lake.bucket("blueprint-data")
    lake.glue.create_database(DatabaseInput={"Name": "blueprints"})
    cities = sorted({row["city"] for row in trips()})
    source = f"{BUCKET}/small/"
    _table(lake, "small", source, "json", keys=("city",))
    rows = [{name: value for name, value in row.items() if value is not None} for row in trips() * 50]
    for city in cities:
        location = f"{source}city={city}/"
        lake.glue.create_partition(
            DatabaseName="blueprints",
            TableName="small",
            PartitionInput={"Values": [city], "StorageDescriptor": {"Location": location}},
        )
        own = [row for row in rows if row["city"] == city]
        for at in range(20):
            lake.put_records(f"{location}part-{at:02}.json", own[at::20])
    size = sum(one.stat().st_size for one in lake.files(f"{source}city={cities[0]}"))
    for control, desired, files in (("false", 128.0, 1), ("true", size / 2.5 / (1 << 20), 2)):
        out = f"{BUCKET}/compacted-{control}/"
        lake.run(
            lake.copies.text(REPOSITORY, "samples/compaction/compaction.py"),
            region="us-east-1",
            input_database="blueprints",
            input_table="small",
            input_format="json",
            output_path=out,
            desired_size_mb=str(desired),
            enable_size_control=control,
            enable_manifest="false",
        )
        check_rows(f"compacted, size control {control}", lake.records(out), rows)
        for city in cities:
            check(f"files of {city}, size control {control}", len(lake.files(f"{out}city={city}")), files)


def run_encoding(lake: Lake) -> None:
    """Files in another encoding are written in UTF-8."""
    lake.bucket("blueprint-data")
    text = "1,東京\n2,大阪\n"
    lake.put(f"{BUCKET}/sjis/a.csv", text.encode("shift_jis"))
    lake.run(
        lake.copies.text(REPOSITORY, "samples/encoding/encoding.py"),
        input_path=f"{BUCKET}/sjis/",
        input_format="csv",
        input_encoding="shift_jis",
        output_path=f"{BUCKET}/utf8/",
    )
    check("the text", "".join(one.read_text("utf-8") for one in lake.files(f"{BUCKET}/utf8/")), text)


def _with_text(row: Row) -> Row:
    """Return a row with the timestamp of its record."""
    return {**row, "at": str(row["at"])}
