"""Reading of tables whose SerDe is not among Spark's JARs.

JSON tables of crawlers and of Athena have SerDes that are not part of Spark. On AWS a job needs their JAR
(``--extra-jars s3://crawler-public/json/serde/json-serde.jar``), or Spark does not find the class (AWS Glue
guide, "AWS Glue Data Catalog support for Spark SQL jobs"). That JAR is not available locally. So Spark receives
such a table as one of its own JSON tables, and the job's log contains what AWS would have required; the
catalog's table is not changed. If a job has the class in its own JAR, Spark uses that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from glueprint.facts import serdes
from glueprint.runtime.sparksql.hive import FieldSchema, InvalidOperation, SerDeInfo, StorageDescriptor, Table

_JSON_SERDES = frozenset({serdes.JSON, serdes.HCATALOG_JSON})
_NO_SERDE = SerDeInfo(serialization_lib=serdes.LAZY_SIMPLE, parameters={})
"""The SerDe that Spark itself stores for tables that Hive cannot read."""
_PROVIDER = "spark.sql.sources.provider"
_SCHEMA = "spark.sql.sources.schema"
_SHOWN = "glueprint.shown.as"
"""Marks a table that Spark receives in another form than the catalog's."""


@dataclass(frozen=True)
class SerDeFallback:
    """Converts tables between the catalog's form and the form that Spark can read.

    ``loadable`` returns whether Spark has a Java class; ``schema_json`` returns the JSON text of Spark's schema of
    columns with Hive's types; ``note`` writes a line to the job's log.
    """

    loadable: Callable[[str], bool]
    schema_json: Callable[[Sequence[FieldSchema]], str]
    note: Callable[[str], None]
    _noted: set[str] = field(default_factory=set)

    def table_for_spark(self, table: Table) -> Table:
        """Return ``table`` in the form for Spark."""
        if table.sd is None or _PROVIDER in (table.parameters or {}) or not self._replaces(table.sd):
            return table
        self._note_once(table, str(table.sd.serde_info.serialization_lib))
        return self._as_json(table, table.sd)

    def partition_for_spark(self, part: StorageDescriptor) -> StorageDescriptor:
        """Return a partition's storage in the form for Spark."""
        return replace(part, serde_info=_NO_SERDE) if self._replaces(part) else part

    def table_for_catalog(self, table: Table) -> Table:
        """Return ``table``, which Spark sent, in the form for the catalog.

        Raises:
            InvalidOperation: the table had another form for Spark, so its changes cannot be determined.
        """
        if _SHOWN in (table.parameters or {}):
            raise InvalidOperation(
                f"table {table.db_name}.{table.table_name} is read by Spark's own JSON reader, because the JAR of "
                "its SerDe is not available locally. Its definition cannot be changed with Spark SQL; use the "
                "Glue API"
            )
        return table

    def partition_for_catalog(self, part: StorageDescriptor, table: StorageDescriptor) -> StorageDescriptor:
        """Return the storage of a partition that Spark sent in the form for the catalog."""
        return replace(part, serde_info=table.serde_info) if self._replaces(table) else part

    def _replaces(self, storage: StorageDescriptor) -> bool:
        serde = storage.serde_info.serialization_lib
        return serde in _JSON_SERDES and not self.loadable(serde)

    def _note_once(self, table: Table, serde: str) -> None:
        if serde not in self._noted:
            self._noted.add(serde)
            self.note(
                f"AWS would refuse this without --extra-jars s3://crawler-public/json/serde/json-serde.jar: table "
                f"{table.db_name}.{table.table_name} has the SerDe {serde}, which is not part of Spark. Locally "
                "Spark's own JSON reader reads it."
            )

    def _as_json(self, table: Table, storage: StorageDescriptor) -> Table:
        keys = table.partition_keys or ()
        parameters = {
            _SHOWN: "json",
            _PROVIDER: "json",
            _SCHEMA: self.schema_json([*storage.cols, *keys]),
            "spark.sql.partitionProvider": "catalog",
        }
        if keys:
            parameters["spark.sql.sources.schema.numPartCols"] = str(len(keys))
            for number, key in enumerate(keys):
                parameters[f"spark.sql.sources.schema.partCol.{number}"] = key.name
        serde = replace(_NO_SERDE, parameters={"path": storage.location or ""})
        return replace(
            table, sd=replace(storage, serde_info=serde), parameters={**(table.parameters or {}), **parameters}
        )
