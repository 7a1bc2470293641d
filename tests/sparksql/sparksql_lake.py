"""A bucket and a database for tests of Spark SQL, with helpers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.local_server import Server
from pyspark.sql import SparkSession

from glueprint.runtime.bookmarks import Bookmarks
from glueprint.runtime.storage.catalog.sources import catalog_source
from glueprint.runtime.storage.catalog.tables import TableName
from glueprint.runtime.storage.endpoints import Services
from glueprint.runtime.storage.options import Options

TEXT = "org.apache.hadoop.mapred.TextInputFormat"
TEXT_OUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
PARQUET = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
PARQUET_OUT = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"


@dataclass(frozen=True)
class Format:
    """The description of a format as a crawler writes it (docs/facts/crawlers.md#formats)."""

    serde: str
    parameters: Mapping[str, str]
    input_format: str = TEXT
    output_format: str = TEXT_OUT


CSV = Format("org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", {"field.delim": ","})
QUOTED = Format("org.apache.hadoop.hive.serde2.OpenCSVSerde", {"separatorChar": ",", "quoteChar": '"'})
JSON = Format("org.openx.data.jsonserde.JsonSerDe", {"paths": "a,b"})
PARQUETS = Format(
    "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
    {"serialization.format": "1"},
    PARQUET,
    PARQUET_OUT,
)

ORCS = Format(
    "org.apache.hadoop.hive.ql.io.orc.OrcSerde",
    {},
    "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
    "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
)


@dataclass(frozen=True)
class SqlLake:
    """The bucket and database of one test, with unique names."""

    session: SparkSession
    glue: Any
    bucket: str
    database: str
    files: Path
    client: Callable[[str], Any]

    @staticmethod
    def fresh(session: SparkSession, server: Server, s3_root: Path, test: str) -> SqlLake:
        """Create a bucket and a database for ``test``, located in the bucket."""
        digest = hashlib.md5(test.encode(), usedforsecurity=False).hexdigest()[:12]
        bucket, database = f"sql-{digest}", f"sql_{digest}"
        server.client("s3").create_bucket(Bucket=bucket)
        (s3_root / bucket).symlink_to(server.data_dir / "s3" / bucket)
        glue = server.client("glue")
        glue.create_database(DatabaseInput={"Name": database, "LocationUri": f"s3://{bucket}/db"})
        session.catalog.setCurrentDatabase(database)
        return SqlLake(session, glue, bucket, database, s3_root / bucket, server.client)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query, sorted."""
        return sorted((tuple(row) for row in self.session.sql(query).collect()), key=repr)

    def do(self, *statements: str) -> None:
        """Run SQL statements."""
        for statement in statements:
            self.session.sql(statement).collect()

    def uri(self, key: str) -> str:
        """The address of a key in the bucket."""
        return f"s3://{self.bucket}/{key}"

    def frame(self, table: str) -> list[tuple[Any, ...]]:
        """Return the rows of ``create_dynamic_frame.from_catalog``, sorted."""
        services = Services(self.session, Bookmarks(), self.client, "a-job", "jr_1")
        name = TableName(self.database, table)
        source = catalog_source(services, name, predicate="", options=Options(), ctx="")
        return sorted((tuple(row) for row in source.frame().data.collect()), key=repr)

    def put(self, key: str, text: str) -> None:
        """Store an object."""
        path = self.files / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def _storage(self, form: Format, columns: Mapping[str, str], location: str) -> dict[str, Any]:
        return {
            "Columns": [{"Name": name, "Type": kind} for name, kind in columns.items()],
            "Location": location,
            "InputFormat": form.input_format,
            "OutputFormat": form.output_format,
            "SerdeInfo": {"SerializationLibrary": form.serde, "Parameters": dict(form.parameters)},
        }

    def crawled(
        self,
        name: str,
        form: Format,
        columns: Mapping[str, str],
        keys: Sequence[str] = (),
        parameters: Mapping[str, str] | None = None,
    ) -> None:
        """Create a table as a crawler does, over ``<bucket>/<name>/``; keys are strings."""
        self.glue.create_table(
            DatabaseName=self.database,
            TableInput={
                "Name": name,
                "TableType": "EXTERNAL_TABLE",
                "Parameters": {"classification": "x", **(parameters or {})},
                "PartitionKeys": [{"Name": key, "Type": "string"} for key in keys],
                "StorageDescriptor": self._storage(form, columns, self.uri(f"{name}/")),
            },
        )

    def partition(self, table: str, *values: str, folder: str) -> None:
        """Create a partition as a crawler does."""
        storage = self.described(table)["StorageDescriptor"]
        self.glue.create_partition(
            DatabaseName=self.database,
            TableName=table,
            PartitionInput={
                "Values": list(values),
                "StorageDescriptor": {**storage, "Location": self.uri(f"{table}/{folder}/")},
            },
        )

    def described(self, table: str) -> dict[str, Any]:
        """Return the table in Glue."""
        found: dict[str, Any] = self.glue.get_table(DatabaseName=self.database, Name=table)["Table"]
        return found

    def partitions(self, table: str) -> dict[tuple[str, ...], str]:
        """Return the locations of the partitions in Glue, by values."""
        partitions = self.glue.get_partitions(DatabaseName=self.database, TableName=table)["Partitions"]
        return {tuple(one["Values"]): one["StorageDescriptor"]["Location"] for one in partitions}
