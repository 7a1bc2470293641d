"""How Spark shall read a table whose SerDe is not among its JARs.

JSON tables of crawlers and of Athena name SerDes that AWS keeps apart from Spark: there a job has to bring the
JAR (``--extra-jars s3://crawler-public/json/serde/json-serde.jar``), or Spark says that it does not find the class
(AWS Glue guide, "AWS Glue Data Catalog support for Spark SQL jobs"). That JAR cannot be had here. So such a table
is told to Spark as one of its own JSON tables, and the job's log says what AWS would have asked for; the catalog
keeps what it had. A job that does bring the class gets its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from glueprint.runtime.sparksql.hive import FieldSchema, InvalidOperation, SerDeInfo, StorageDescriptor, Table

JSON_SERDES = frozenset({"org.openx.data.jsonserde.JsonSerDe", "org.apache.hive.hcatalog.data.JsonSerDe"})
_NO_SERDE = SerDeInfo(
    serialization_lib="org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", parameters={}
)
"""What Spark itself writes down for tables that Hive could not read."""
_PROVIDER = "spark.sql.sources.provider"
_SCHEMA = "spark.sql.sources.schema"
_SHOWN = "glueprint.shown.as"
"""Marks a table that is told otherwise than it is kept."""


@dataclass(frozen=True, slots=True)
class Readers:
    """How the tables of one process are told to Spark.

    ``loadable`` says of a Java class whether Spark has it; ``schema_json`` gives the JSON text of Spark's schema
    of columns with Hive's types; ``note`` writes a line to the job's log.
    """

    loadable: Callable[[str], bool]
    schema_json: Callable[[Sequence[FieldSchema]], str]
    note: Callable[[str], None]
    _noted: set[str] = field(default_factory=set)

    def present(self, table: Table) -> Table:
        """``table`` as Spark shall see it."""
        if table.sd is None or _PROVIDER in (table.parameters or {}) or not self._replaces(table.sd):
            return table
        self._note_once(table, str(table.sd.serde_info.serialization_lib))
        return self._as_json(table, table.sd)

    def present_part(self, part: StorageDescriptor) -> StorageDescriptor:
        """What a partition has of its table, as Spark shall see it."""
        return replace(part, serde_info=_NO_SERDE) if self._replaces(part) else part

    def kept(self, table: Table) -> Table:
        """``table``, that came from Spark, as the catalog shall keep it.

        Raises:
            InvalidOperation: it is one that was told otherwise; what of it is a change is not known.
        """
        if _SHOWN in (table.parameters or {}):
            raise InvalidOperation(
                f"table {table.db_name}.{table.table_name} is read by Spark's own JSON reader here, as the JAR of "
                "its SerDe cannot be had: its definition cannot be changed with Spark SQL; use the Glue API"
            )
        return table

    def kept_part(self, part: StorageDescriptor, table: StorageDescriptor) -> StorageDescriptor:
        """What a partition that came from Spark has of its ``table``, as the catalog shall keep it."""
        return replace(part, serde_info=table.serde_info) if self._replaces(table) else part

    def _replaces(self, storage: StorageDescriptor) -> bool:
        serde = storage.serde_info.serialization_lib
        return serde in JSON_SERDES and not self.loadable(serde)

    def _note_once(self, table: Table, serde: str) -> None:
        if serde not in self._noted:
            self._noted.add(serde)
            self.note(
                f"AWS would refuse this without --extra-jars s3://crawler-public/json/serde/json-serde.jar: table "
                f"{table.db_name}.{table.table_name} has the SerDe {serde}, which is not part of Spark. Here "
                "Spark's own JSON reader reads it."
            )

    def _as_json(self, table: Table, storage: StorageDescriptor) -> Table:
        keys = table.partition_keys or ()
        told = {
            _SHOWN: "json",
            _PROVIDER: "json",
            _SCHEMA: self.schema_json([*storage.cols, *keys]),
            "spark.sql.partitionProvider": "catalog",
        }
        if keys:
            told["spark.sql.sources.schema.numPartCols"] = str(len(keys))
            told |= {f"spark.sql.sources.schema.partCol.{number}": key.name for number, key in enumerate(keys)}
        place = replace(_NO_SERDE, parameters={"path": storage.location or ""})
        return replace(
            table, sd=replace(storage, serde_info=place), parameters={**(table.parameters or {}), **told}
        )
