"""A table with many small files in an S3 and a Glue in memory, and runs of ``compaction`` on it."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from fake_catalogue import Countdown, FakeCatalogue, Mortal, all_keys
from fake_s3 import FakeS3

from glue_jobs.common import rewriting
from glue_jobs.common.presence import put_marker
from glue_jobs.common.rewrite_manifest import write_rewrite_manifest
from glue_jobs.compaction import compact, look

PARQUET = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {
        "SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
        "Parameters": {"serialization.format": "1"},
    },
}
ORC = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.orc.OrcSerde", "Parameters": {}},
}
AVRO = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.serde2.avro.AvroSerDe", "Parameters": {}},
}
TEXT = {
    "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
}
CSV = {
    **TEXT,
    "SerdeInfo": {
        "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
        "Parameters": {"field.delim": ",", "skip.header.line.count": "1"},
    },
}
JSON_LINES = {
    **TEXT,
    "SerdeInfo": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe", "Parameters": {}},
}
COLUMNS = [("id", "bigint"), ("name", "string")]
ARGUMENTS = {
    "WORKFLOW_NAME": "tidy",
    "aws_region": "us-east-1",
    "database": "sales",
    "table": "orders",
    "target_megabytes": "1",
    "small_percent": "50",
    "minimum_files": "2",
    "quiet_minutes": "0",
    "grace_hours": "24",
    "may_change": "true",
    "on_missing": "skip",
    "manifest_folder": "s3://scripts/glueprint/manifests/tidy/",
    "state_folder": "s3://scripts/glueprint/compaction/tidy/",
    "partition_filter": "",
    "destination": "",
    "destination_database": "sales",
    "destination_table": "",
    "sort_columns": "",
    "compression": "keep",
}


def parquet(rows: Sequence[dict[str, Any]], schema: pa.Schema | None = None, **options: Any) -> bytes:
    """Rows as a Parquet file."""
    body = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows), schema), body, **options)
    return body.getvalue()


def read_parquet(body: bytes) -> list[dict[str, Any]]:
    """The rows of a Parquet file."""
    rows: list[dict[str, Any]] = pq.read_table(io.BytesIO(body)).to_pylist()
    return rows


class CompactionWorld:
    """The table ``sales.orders`` at ``s3://lake/orders/``, partitioned by ``day``, and its files.

    Args:
        storage: formats and SerDe of the table.
        read: reads a file's rows.
        keys: whether it is partitioned.
        parameters: of the table.
    """

    def __init__(
        self,
        storage: dict[str, Any] | None = None,
        read: Callable[[bytes], list[Any]] = read_parquet,
        keys: bool = True,
        parameters: dict[str, str] | None = None,
    ) -> None:
        self.s3 = FakeS3()
        self.glue = FakeCatalogue()
        self.storage = storage or PARQUET
        self.read = read
        self.now = datetime(2024, 5, 1, tzinfo=UTC)
        self.arguments = dict(ARGUMENTS)
        columns = [{"Name": name, "Type": kind} for name, kind in COLUMNS]
        self.glue.create_table(
            "sales",
            {
                "Name": "orders",
                "TableType": "EXTERNAL_TABLE",
                "Parameters": parameters or {},
                "PartitionKeys": [{"Name": "day", "Type": "string"}] if keys else [],
                "StorageDescriptor": {**self.storage, "Columns": columns, "Location": "s3://lake/orders"},
            },
        )

    def add_partition(self, day: str, files: dict[str, bytes], folder: str = "") -> None:
        """A partition with its files."""
        folder = folder or f"orders/day={day}/"
        self.put(folder, files)
        storage = {**self.glue.tables["orders"]["StorageDescriptor"], "Location": f"s3://lake/{folder}"}
        entry = {"Values": [day], "StorageDescriptor": storage, "Parameters": {"mine": "kept"}}
        self.glue.batch_create_partition("sales", "orders", [entry])

    def put(self, folder: str, files: dict[str, bytes]) -> None:
        """Files below a folder of the bucket ``lake``."""
        for name, body in files.items():
            self.s3.put_object(Bucket="lake", Key=folder + name, Body=body)

    def fill(self, days: int = 2, files: int = 3, rows: int = 2) -> None:
        """Partitions of small Parquet files."""
        for day in range(1, days + 1):
            bodies = {
                f"{number}.parquet": parquet(
                    [{"id": day * 100 + number * 10 + row, "name": f"n{row}"} for row in range(rows)]
                )
                for number in range(files)
            }
            self.add_partition(f"0{day}", bodies)

    def look(self, run: str, countdown: Countdown | None = None, **changes: str) -> Any:
        """The first job, as its ``main`` does it; the marker."""
        countdown = countdown or Countdown()
        s3, glue = Mortal(self.s3, countdown), Mortal(self.glue, countdown)
        self.glue.runs[run] = "RUNNING"
        arguments = {**self.arguments, "WORKFLOW_RUN_ID": run, **changes}
        marker, manifest = look.look(s3, glue, arguments, self.now)
        if marker.present:
            write_rewrite_manifest(s3, marker.manifest, manifest)
        put_marker(glue, "tidy", run, marker)
        return marker

    def compact(self, run: str, countdown: Countdown | None = None, **changes: str) -> dict[str, str]:
        """An attempt of the second job; the run's properties."""
        countdown = countdown or Countdown()
        arguments = {**self.arguments, "WORKFLOW_RUN_ID": run, **changes}

        def one_by_one(task: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
            results = []
            for item in items:
                countdown.step()
                results.append(task(item))
            return results

        client = rewriting.aws_client
        rewriting.aws_client = lambda service, region: Mortal(self.s3, countdown)
        try:
            compact.compact(Mortal(self.s3, countdown), Mortal(self.glue, countdown), arguments, one_by_one)
        finally:
            rewriting.aws_client = client
        return self.glue.properties[run]

    def run(self, run: str, **changes: str) -> dict[str, str]:
        """A complete run that ends."""
        if self.look(run, **changes).present:
            self.compact(run, **changes)
        self.glue.runs[run] = "COMPLETED"
        return self.glue.properties[run]

    def later(self, hours: float) -> None:
        """Let time pass; the due times of claims are made of the real time, so they are moved instead."""
        self.now = datetime.now(UTC) + timedelta(hours=hours)

    def rows(self, table: str = "orders") -> list[Any]:
        """All rows with their partition, as a query engine reads them: visible files below each location."""
        definition = self.glue.tables[table]
        places = self.glue.partitions[table].values() if definition["PartitionKeys"] else [definition]
        found = []
        for place in places:
            bucket, _, prefix = place["StorageDescriptor"]["Location"].removeprefix("s3://").partition("/")
            prefix = prefix.rstrip("/") + "/"
            for entry in self.s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", []):
                path = entry["Key"].removeprefix(prefix)
                if entry["Size"] and not any(part[:1] in "_." for part in path.split("/")):
                    body = self.s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
                    found += [(row, *place.get("Values", ())) for row in self.read(body)]
        return sorted(found, key=repr)

    def files(self, prefix: str = "") -> list[str]:
        """The keys of the bucket ``lake``."""
        return sorted(key for key in all_keys(self.s3, "lake") if key.startswith(prefix))
