"""A bucket, a database, and what tests do with them again and again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from glueprint.runtime.bookmarks import Bookmarks
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.storage.catalog.sources import catalog_source
from glueprint.runtime.storage.catalog.tables import TableName
from glueprint.runtime.storage.connections import connection
from glueprint.runtime.storage.endpoints import Services
from glueprint.runtime.storage.options import Options
from harness.local_server import Server

SERDES = {
    "json": "org.openx.data.jsonserde.JsonSerDe",
    "csv": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
    "parquet": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
}


@dataclass(frozen=True)
class Lake:
    """One test's part of the lake; bucket and database have the same name."""

    services: Services
    name: str

    @staticmethod
    def fresh(spark: SparkSession, s3_root: Path, server: Server, test: str) -> Lake:
        """A bucket and a database for ``test``; Spark finds the server's bucket under ``s3_root``."""
        name = f"lake-{hashlib.md5(test.encode(), usedforsecurity=False).hexdigest()[:12]}"
        lake = Lake(Services(spark, Bookmarks(), server.client, "a-job", "jr_1"), name)
        lake.services.s3.create_bucket(Bucket=name)
        (s3_root / name).symlink_to(server.data_dir / "s3" / name)
        lake.services.glue.create_database(DatabaseInput={"Name": name})
        return lake

    def uri(self, key: str) -> str:
        """The address of a key in the bucket."""
        return f"s3://{self.name}/{key}"

    def put(self, key: str, body: str | bytes) -> None:
        """Store an object."""
        self.services.s3.put_object(Bucket=self.name, Key=key, Body=body)

    def put_records(self, key: str, *records: Mapping[str, Any]) -> None:
        """Store an object with a JSON record per line."""
        self.put(key, "".join(json.dumps(one) + "\n" for one in records))

    def keys(self, prefix: str = "") -> list[str]:
        """The bucket's keys."""
        pages = self.services.s3.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix)
        return [one["Key"] for page in pages for one in page.get("Contents", ())]

    def text(self, prefix: str) -> str:
        """The text of all objects under a prefix."""
        bodies = [self.services.s3.get_object(Bucket=self.name, Key=key)["Body"] for key in self.keys(prefix)]
        return "".join(body.read().decode() for body in bodies)

    def table(
        self,
        name: str,
        kind: str,
        columns: Mapping[str, str],
        keys: Mapping[str, str] | None = None,
        *,
        parameters: Mapping[str, str] | None = None,
        serde: Mapping[str, str] | None = None,
        location: str = "",
    ) -> None:
        """Create a table, by default over ``<bucket>/<name>/``."""
        self.services.glue.create_table(
            DatabaseName=self.name,
            TableInput={
                "Name": name,
                "TableType": "EXTERNAL_TABLE",
                "Parameters": {"classification": kind, **(parameters or {})},
                "PartitionKeys": [{"Name": key, "Type": type_} for key, type_ in (keys or {}).items()],
                "StorageDescriptor": {
                    "Columns": [{"Name": one, "Type": type_} for one, type_ in columns.items()],
                    "Location": location or self.uri(f"{name}/"),
                    "SerdeInfo": {"SerializationLibrary": SERDES.get(kind, "x"), "Parameters": dict(serde or {})},
                },
            },
        )

    def partition(self, table: str, *values: str, folder: str) -> None:
        """Register a partition whose data lie under ``<bucket>/<table>/<folder>/``."""
        self.services.glue.create_partition(
            DatabaseName=self.name,
            TableName=table,
            PartitionInput={
                "Values": list(values),
                "StorageDescriptor": {"Location": self.uri(f"{table}/{folder}/")},
            },
        )

    def described(self, table: str) -> dict[str, Any]:
        """The table as Glue has it."""
        found: dict[str, Any] = self.services.glue.get_table(DatabaseName=self.name, Name=table)["Table"]
        return found

    def partitions(self, table: str) -> dict[tuple[str, ...], str]:
        """Location by values."""
        found = self.services.glue.get_partitions(DatabaseName=self.name, TableName=table)["Partitions"]
        return {tuple(one["Values"]): one["StorageDescriptor"]["Location"] for one in found}

    def read_table(self, table: str, predicate: str = "", ctx: str = "", **options: Any) -> Frame:
        """``create_dynamic_frame.from_catalog``."""
        name = TableName(self.name, table)
        return catalog_source(
            self.services, name, predicate=predicate, options=Options(options), ctx=ctx
        ).frame()

    def read(
        self, kind: str, format_name: str = "", format_options: Mapping[str, Any] | None = None, **options: Any
    ) -> Frame:
        """``create_dynamic_frame.from_options``."""
        source = connection(kind).source(self.services, Options(options), "", "")
        if format_name:
            source.format_name, source.format_options = format_name, Options(format_options)
        return source.frame()

    def write(
        self, frame: Frame, format_name: str, format_options: Mapping[str, Any] | None = None, **options: Any
    ) -> None:
        """``write_dynamic_frame.from_options``; with ``table`` the sink has catalog information."""
        table = options.pop("table", None)
        sink = connection("s3").sink(self.services, Options(options), "")
        sink.format_name, sink.format_options = format_name, Options(format_options)
        if table is not None:
            sink.table = TableName(self.name, table)
        sink.write(frame)

    def frame(self, rows: Sequence[Sequence[Any]], schema: str, name: str = "") -> Frame:
        """A frame of rows."""
        return Frame.of(self.services.spark.createDataFrame(list(map(tuple, rows)), schema), name)


def rows(frame: Frame) -> list[dict[str, Any]]:
    """The frame's records, in no order that counts."""
    found = [row.asDict(recursive=True) for row in frame.data.collect()]
    return sorted(found, key=lambda row: json.dumps(row, default=str, sort_keys=True))


def names(found: Iterable[Any]) -> list[str]:
    """The names of fields."""
    return [one.name for one in found]
