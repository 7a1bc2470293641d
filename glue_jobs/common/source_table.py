"""A table of the Data Catalog whose files are rewritten, and its partitions."""

from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Mapping, Tuple

from glue_jobs.common.columns import Columns, columns_from_api
from glue_jobs.common.locations import folder_location

INPUT_FORMATS = (
    "",
    "org.apache.hadoop.mapred.TextInputFormat",
    "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
    "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
)
"""Others read something else than the files of a folder: manifests of links, or the logs of table formats."""
FORMATS_BY_SERDE = {
    "ParquetHiveSerDe": "parquet",
    "OrcSerde": "orc",
    "AvroSerDe": "avro",
    "JsonSerDe": "json",
    "OpenXJsonSerDe": "json",
    "LazySimpleSerDe": "csv",
    "OpenCSVSerde": "csv",
}
FILE_FORMATS = ("parquet", "orc", "avro", "json", "csv")
TABLE_INPUT = (
    "Name",
    "Description",
    "Owner",
    "Retention",
    "StorageDescriptor",
    "PartitionKeys",
    "ViewOriginalText",
    "ViewExpandedText",
    "TableType",
    "Parameters",
)
PARTITION_INPUT = ("Values", "StorageDescriptor", "Parameters")


class UnsupportedTable(Exception):
    """The table is missing, or its files are not what its folders contain."""


@dataclass(frozen=True)
class SourcePartition:
    """A partition; of a table without partitions, the table itself.

    Attributes:
        values: one per partition key; empty for a table without partitions.
        location: its folder, ``s3://bucket/a/b/``.
        storage: its StorageDescriptor.
        parameters: its parameters.
    """

    values: Tuple[str, ...]
    location: str
    storage: Dict[str, Any]
    parameters: Dict[str, str]

    @property
    def file_format(self) -> str:
        """``parquet``, ``orc``, ``avro``, ``json`` or ``csv``.

        Raises:
            UnsupportedTable: another one.
        """
        serde = self.storage.get("SerdeInfo", {}).get("SerializationLibrary", "").rpartition(".")[2]
        stated = {**self.storage.get("Parameters", {}), **self.parameters}.get("classification", "")
        found = FORMATS_BY_SERDE.get(serde, stated if not serde else "")
        if found not in FILE_FORMATS or self.storage.get("InputFormat", "") not in INPUT_FORMATS:
            raise UnsupportedTable(
                "{} has files that cannot be rewritten (SerDe {!r}, input format {!r}); supported are {}.".format(
                    self.location, serde, self.storage.get("InputFormat", ""), ", ".join(FILE_FORMATS)
                )
            )
        return found

    @property
    def header_lines(self) -> int:
        """Lines at the start of each text file that are not rows."""
        serde = self.storage.get("SerdeInfo", {}).get("Parameters", {})
        stated = {**self.storage.get("Parameters", {}), **serde, **self.parameters}
        return int(stated.get("skip.header.line.count", "0"))


@dataclass(frozen=True)
class SourceTable:
    """A table.

    Attributes:
        database: its database.
        name: its name.
        location: its folder, ``s3://bucket/a/``.
        columns: names and Hive types of what the files contain.
        partition_keys: names and Hive types of the partition keys.
        definition: all that GetTable returns.
    """

    database: str
    name: str
    location: str
    columns: Columns
    partition_keys: Columns
    definition: Dict[str, Any]

    @property
    def full_name(self) -> str:
        """``database.table``."""
        return "{}.{}".format(self.database, self.name)

    @property
    def parameters(self) -> Dict[str, str]:
        """The table's parameters."""
        return dict(self.definition.get("Parameters", {}))

    @property
    def storage(self) -> Dict[str, Any]:
        """The table's StorageDescriptor."""
        return dict(self.definition["StorageDescriptor"])


def read_source_table(glue: Any, database: str, name: str) -> SourceTable:
    """Return a table whose rows are the files of its folders.

    Raises:
        UnsupportedTable: there is none, or it is a view, has projected partitions or buckets, or is
            a table of Iceberg, Delta or Hudi.
    """
    try:
        definition: Dict[str, Any] = glue.get_table(DatabaseName=database, Name=name)["Table"]
    except glue.exceptions.EntityNotFoundException as error:
        raise UnsupportedTable("There is no table {}.{}.".format(database, name)) from error
    storage = definition.get("StorageDescriptor") or {}
    parameters = definition.get("Parameters", {})
    reasons = []
    if not storage.get("Location", "").startswith("s3"):
        reasons.append("it has no folder in S3 (is it a view?)")
    kind = parameters.get("table_type") or parameters.get("spark.sql.sources.provider") or ""
    if kind.lower() in ("iceberg", "delta", "hudi"):
        reasons.append("it is a table of {}, which compacts its files itself".format(kind))
    if parameters.get("projection.enabled", "").lower() == "true":
        reasons.append("its partitions are projected: the catalog does not list them")
    if storage.get("BucketColumns") or storage.get("NumberOfBuckets", -1) > 0:
        reasons.append("it is bucketed: each of its files is one bucket")
    if reasons:
        raise UnsupportedTable(
            "The table {}.{} cannot be rewritten: {}.".format(database, name, "; ".join(reasons))
        )
    return SourceTable(
        database=database,
        name=name,
        location=folder_location(storage["Location"]),
        columns=columns_from_api(storage.get("Columns", [])),
        partition_keys=columns_from_api(definition.get("PartitionKeys", [])),
        definition=definition,
    )


def read_source_partitions(glue: Any, table: SourceTable, expression: str = "") -> List[SourcePartition]:
    """Return the partitions, in the order of their values; of a table without partitions, the table as one.

    Args:
        glue: a boto3 Glue client.
        table: the table.
        expression: which partitions, as GetPartitions reads it; empty for all.
    """
    if not table.partition_keys:
        return [SourcePartition((), table.location, table.storage, table.parameters)]
    where = {"DatabaseName": table.database, "TableName": table.name}
    if expression:
        where["Expression"] = expression
    pages = glue.get_paginator("get_partitions").paginate(**where)
    found = [source_partition(entry) for page in pages for entry in page["Partitions"]]
    return sorted(found, key=lambda partition: partition.values)


def source_partition(entry: Mapping[str, Any]) -> SourcePartition:
    """A partition as GetPartitions describes it."""
    storage = entry["StorageDescriptor"]
    return SourcePartition(
        values=tuple(entry["Values"]),
        location=folder_location(storage["Location"]),
        storage=dict(storage),
        parameters=dict(entry.get("Parameters", {})),
    )


def table_input(definition: Mapping[str, Any]) -> Dict[str, Any]:
    """The part of what GetTable returns that UpdateTable accepts."""
    return {name: definition[name] for name in TABLE_INPUT if name in definition}


def partition_input(entry: Mapping[str, Any]) -> Dict[str, Any]:
    """The part of what GetPartition returns that UpdatePartition accepts."""
    return {name: entry[name] for name in PARTITION_INPUT if name in entry}


def ancestors(location: str) -> Iterator[str]:
    """The folders above an object or folder, the nearest first, as ``s3://bucket/a/``."""
    scheme, _, rest = location.rstrip("/").partition("://")
    while "/" in rest:
        rest = rest.rpartition("/")[0]
        yield "{}://{}/".format(scheme, rest)
