"""The files that a source has chosen, and a DataFrame over exactly them with exact partition values.

Spark's own reader would list folders again (and find files that the bookmark excludes) and would guess partition
values from folder names, which the Data Catalog's partitions need not have. So the relation is put together from
Spark's own parts: an index of the chosen files, and the partition values from the catalog
(docs/decisions/file-sources.md).
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - as everybody calls it
from pyspark.sql.types import BinaryType, LongType, StringType, StructField, StructType, TimestampType

from glueprint.runtime.frames import types
from glueprint.runtime.shared import spark_versions
from glueprint.runtime.shared.spark_versions import cast_or_null
from glueprint.runtime.storage.sql_literals import values_table


@dataclass(frozen=True)
class DataFile:
    """A file to read.

    Attributes:
        uri: the address at which Spark finds it.
        size: bytes.
        partition: index into :attr:`FileSet.values`; 0 when there are no partition columns.
    """

    uri: str
    size: int
    partition: int = 0


class FileFact(Enum):
    """What a column states about the file of each record: the column's type, and Spark's expression for it."""

    PATH = (types.STRING, "url_decode(replace(_metadata.file_path, '+', '%2B'))")
    MODIFIED = (types.TIMESTAMP, "_metadata.file_modification_time")


@dataclass(frozen=True)
class FileSet:
    """Files of one source.

    Attributes:
        files: in listing order.
        partition_keys: the partition columns, in order, with their types.
        values: for each partition the texts of its key values; None: no value.
        discovered_below: folders below which Spark itself reads ``key=value`` as partition columns.
        attached: columns about the file of each record, by name (``attachFilename``, ``attachTimestamp``).
        reader_options: options that the script passes on to Spark's reader.
    """

    files: tuple[DataFile, ...]
    partition_keys: tuple[types.Field, ...] = ()
    values: tuple[tuple[str | None, ...], ...] = ()
    discovered_below: tuple[str, ...] = ()
    attached: Mapping[str, FileFact] = field(default_factory=dict)
    reader_options: Mapping[str, str] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[types.Field, ...]:
        """The columns that are not in the files, with their types: partition columns, then attached ones."""
        attached = (types.Field(name, fact.value[0]) for name, fact in self.attached.items())
        return (*self.partition_keys, *attached)

    def __bool__(self) -> bool:
        return bool(self.files)

    @property
    def uris(self) -> list[str]:
        """The addresses of the files."""
        return [one.uri for one in self.files]

    @property
    def size(self) -> int:
        """The bytes of all files."""
        return sum(one.size for one in self.files)

    def subset(self, files: Sequence[DataFile]) -> FileSet:
        """Return the same source with fewer files."""
        return replace(self, files=tuple(files))


_SEPARATOR = "\0"
"""Separator of the addresses in one text: one call to Java instead of one per file."""

_LISTING_THRESHOLD = "spark.sql.sources.parallelPartitionDiscovery.threshold"


class FileReader:
    """Spark's reader of one kind of file, by the class in Spark's ``execution.datasources``."""

    def __init__(self, java_class: str) -> None:
        self._java_class = java_class

    def load(
        self, session: SparkSession, files: FileSet, schema: StructType, options: Mapping[str, str]
    ) -> DataFrame:
        """Return the rows of ``files``: columns of ``schema``, the partition columns, then the attached ones."""
        java = _SparkInternals(session)
        specification = java.partitions(files)
        index = java.index(files, specification)
        relation = java.sources.HadoopFsRelation(
            index,
            index.partitionSchema() if specification else java.schema(StructType([])),
            java.schema(schema),
            java.option(None),
            self._file_format(java),
            java.scala_map({**options, **files.reader_options}),
            session._jsparkSession,
        )
        data = DataFrame(session._jsparkSession.baseRelationToDataFrame(relation), session)
        if not files.attached:
            return data
        attached = [F.expr(fact.value[1]).alias(name) for name, fact in files.attached.items()]
        return data.select("*", *attached)

    def inferred(self, session: SparkSession, files: FileSet, options: Mapping[str, str]) -> StructType | None:
        """Return the schema that Spark infers from the files; None without files or if all are empty."""
        java = _SparkInternals(session)
        index = java.index(files, None)
        given = java.scala_map({**options, **files.reader_options})
        with _listed_by_the_driver(session):  # For JSON and CSV, Spark lists the files again.
            found = self._file_format(java).inferSchema(session._jsparkSession, given, index.allFiles())
        return StructType.fromJson(json.loads(found.get().json())) if found.isDefined() else None

    def _file_format(self, java: _SparkInternals) -> Any:
        parts: Any = java.sources
        for name in self._java_class.split("."):
            parts = getattr(parts, name)
        return parts()


TEXT = FileReader("text.TextFileFormat")
JSON = FileReader("json.JsonFileFormat")
CSV = FileReader("csv.CSVFileFormat")
PARQUET = FileReader("parquet.ParquetFileFormat")
ORC = FileReader("orc.OrcFileFormat")
BINARY = FileReader("binaryfile.BinaryFileFormat")
BINARY_SCHEMA = StructType(
    [
        StructField("path", StringType()),
        StructField("modificationTime", TimestampType()),
        StructField("length", LongType()),
        StructField("content", BinaryType()),
    ]
)
"""The columns of Spark's reader of binary files, all of which it requires."""


class _SparkInternals:
    """The internal classes of Spark that a relation is made of."""

    def __init__(self, session: SparkSession) -> None:
        self._session = session
        self._jvm = session._jvm
        self.sources = self._jvm.org.apache.spark.sql.execution.datasources

    def _object(self, name: str) -> Any:
        """Return a Scala object of Spark's sources."""
        return getattr(getattr(self.sources, f"{name}$"), "MODULE$")

    def option(self, value: Any) -> Any:
        return self._jvm.scala.Option.apply(value)

    def scala_map(self, options: Mapping[str, str]) -> Any:
        return self._jvm.PythonUtils.toScalaMap(dict(options))

    def schema(self, schema: StructType) -> Any:
        return self._session._jsparkSession.parseDataType(schema.json())

    def index(self, files: FileSet, specification: Any) -> Any:
        """Return Spark's index of exactly these files."""
        with _listed_by_the_driver(self._session):
            return self.sources.InMemoryFileIndex(
                self._session._jsparkSession,
                self._paths(files.uris),
                self.scala_map({}),
                self.option(None),
                self._object("NoopCache"),
                self.option(specification),
                self.option(None),
            )

    def partitions(self, files: FileSet) -> Any:
        """Return the partition values of each folder for Spark's reader; None without partition columns."""
        if files.discovered_below:
            return self._discovered(files)
        return self._declared(files) if files.partition_keys else None

    def _discovered(self, files: FileSet) -> Any:
        folders = dict.fromkeys(one.uri.rpartition("/")[0] for one in files.files)
        conf = self._session.conf
        found = spark_versions.parse_partitions(
            self._object("PartitioningUtils"),
            self._paths(list(folders)),
            conf.get("spark.sql.sources.partitionColumnTypeInference.enabled") == "true",
            self._paths(files.discovered_below).toSet(),
            self.option(None),
            False,
            True,
            conf.get("spark.sql.session.timeZone"),
        )
        return None if found.partitionColumns().isEmpty() else found

    def _paths(self, uris: Sequence[str]) -> Any:
        if not uris:
            return self._jvm.PythonUtils.toSeq([])
        text = self._jvm.org.apache.hadoop.util.StringUtils
        paths = text.stringToPath(text.getStrings(_SEPARATOR.join(uris), _SEPARATOR))
        return spark_versions.seq_of_array(self._jvm, paths)

    def _declared(self, files: FileSet) -> Any:
        """Return the values from the catalog for every folder that has files."""
        keys = types.physical_struct(types.Struct(files.partition_keys))
        folders = dict.fromkeys((one.uri.rpartition("/")[0], one.partition) for one in files.files)
        used = list(dict.fromkeys(partition for _, partition in folders))
        rows = self._rows([files.values[at] for at in used], keys)
        by_partition = {at: rows[position] for position, at in enumerate(used)}
        # Py4j looks a class up in Java each time that it is named.
        path, part = self._jvm.org.apache.hadoop.fs.Path, self.sources.PartitionPath
        parts = [part(by_partition[partition], path(folder)) for folder, partition in folders]
        return self.sources.PartitionSpec(self.schema(keys), self._jvm.PythonUtils.toSeq(parts))

    def _rows(self, values: Sequence[tuple[str | None, ...]], keys: StructType) -> Any:
        """Return text values as Spark's internal rows of the keys' types; a local table, so that no job runs."""
        table = values_table(self._session, [str(at) for at in range(len(keys))], values)
        columns = [
            cast_or_null(F.col(str(at)), key.dataType).alias(str(at)) for at, key in enumerate(keys.fields)
        ]
        return table.select(*columns)._jdf.queryExecution().executedPlan().executeCollect()


@contextlib.contextmanager
def _listed_by_the_driver(session: SparkSession) -> Iterator[None]:
    """Let the driver read the files' states: a job with a task per file costs much more on one machine."""
    before = session.conf.get(_LISTING_THRESHOLD)
    session.conf.set(_LISTING_THRESHOLD, str(2**31 - 1))
    try:
        yield
    finally:
        session.conf.set(_LISTING_THRESHOLD, before)
