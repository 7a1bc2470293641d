"""The complete metastore: over Glue at the endpoint of the environment's variables, for this process's Spark."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import boto3
from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]

from glueprint.runtime.sparksql.calls import Metastore
from glueprint.runtime.sparksql.data_catalog import GlueCatalog
from glueprint.runtime.sparksql.databases import DatabaseCalls, FunctionCalls
from glueprint.runtime.sparksql.hive import FieldSchema
from glueprint.runtime.sparksql.partitions import PartitionCalls
from glueprint.runtime.sparksql.serde_fallback import SerDeFallback
from glueprint.runtime.sparksql.tables import TableCalls
from glueprint.runtime.sparksql.warehouse import HadoopWarehouse


def catalog() -> GlueCatalog:
    """Return the Data Catalog."""
    return GlueCatalog(boto3.client("glue"))


def metastore() -> Metastore:
    """Return a metastore over the Data Catalog."""
    glue, warehouse = catalog(), HadoopWarehouse(_context)
    serdes = SerDeFallback(_loadable, _schema_json, _note)
    return Metastore(
        (
            DatabaseCalls(glue, warehouse),
            TableCalls(glue, warehouse, serdes),
            PartitionCalls(glue, warehouse, serdes),
            FunctionCalls(glue),
        )
    )


def _context() -> Any:
    from pyspark import SparkContext

    context = SparkContext._active_spark_context
    if context is None:
        raise RuntimeError("Spark has been stopped")
    return context


def _schema_json(columns: Sequence[FieldSchema]) -> str:
    ddl = ", ".join(f"`{each.name.replace('`', '``')}` {each.type}" for each in columns)
    text: str = _context()._jvm.org.apache.spark.sql.types.StructType.fromDDL(ddl).json()
    return text


def _loadable(name: str) -> bool:
    try:
        _context()._jvm.java.lang.Thread.currentThread().getContextClassLoader().loadClass(name)
    except Py4JJavaError:
        return False
    return True


def _note(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - the job's own error output
