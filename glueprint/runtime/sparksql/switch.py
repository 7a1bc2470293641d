"""Turning the Data Catalog on for a process: what Spark is told, what listens for Spark's Hive client.

Source: AWS Glue guide, "AWS Glue Data Catalog support for Spark SQL jobs": ``--enable-glue-datacatalog`` makes the
Data Catalog Spark's external Hive metastore and enables Hive support in the session.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import psutil

from glueprint.runtime.sparksql.calls import Metastore
from glueprint.runtime.sparksql.databases import DatabaseCalls
from glueprint.runtime.sparksql.functions import FunctionCalls
from glueprint.runtime.sparksql.glue import GlueCatalog
from glueprint.runtime.sparksql.hive import FieldSchema
from glueprint.runtime.sparksql.partitions import PartitionCalls
from glueprint.runtime.sparksql.readers import Readers
from glueprint.runtime.sparksql.server import MetastoreServer
from glueprint.runtime.sparksql.tables import TableCalls
from glueprint.runtime.sparksql.warehouse import HadoopWarehouse, Warehouse

_IMPLEMENTATION = "spark.sql.catalogImplementation"


def metastore(catalog: GlueCatalog, warehouse: Warehouse, readers: Readers) -> Metastore:
    """A metastore over ``catalog``."""
    return Metastore(
        (
            DatabaseCalls(catalog, warehouse),
            TableCalls(catalog, warehouse, readers),
            PartitionCalls(catalog, warehouse, readers),
            FunctionCalls(catalog),
        )
    )


def turn_on(gateway: Any) -> MetastoreServer:
    """Make the Glue that the environment's variables name the metastore of Spark in ``gateway``'s JVM: of contexts
    that are made later, and of the sessions that are made later in a context that is there already.

    Nothing is asked, and nothing of Hive is loaded, before a script first needs a table.
    """
    from pyspark import SparkContext

    jvm = gateway.jvm

    def make() -> Metastore:
        import boto3

        return metastore(
            GlueCatalog(boto3.client("glue")),
            HadoopWarehouse(_context),
            Readers(_loadable, _schema_json, _note),
        )

    java = psutil.Process(jvm.java.lang.ProcessHandle.current().pid())
    server = MetastoreServer(make, lambda port: _has_port(java, port))
    hadoop = {
        "hive.metastore.uris": server.uri,
        "hive.metastore.execute.setugi": "false",  # nobody's rights are asked for
        # Hive's own default is a directory under /tmp that all users share.
        "hive.exec.scratchdir": f"file://{jvm.java.lang.System.getProperty('java.io.tmpdir')}/hive",
    }
    spark = {_IMPLEMENTATION: "hive", **{f"spark.hadoop.{name}": value for name, value in hadoop.items()}}
    for name, value in spark.items():  # where a new SparkConf looks
        jvm.java.lang.System.setProperty(name, value)
    if (context := SparkContext._active_spark_context) is not None:
        context._jsc.sc().conf().set(_IMPLEMENTATION, "hive")
        for name, value in hadoop.items():
            context._jsc.hadoopConfiguration().set(name, value)
    return server


def _has_port(process: psutil.Process, port: int) -> bool:
    """Whether ``process`` holds the local TCP port ``port``."""
    return any(each.laddr and each.laddr.port == port for each in process.net_connections(kind="tcp"))


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
    from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]

    try:
        _context()._jvm.java.lang.Thread.currentThread().getContextClassLoader().loadClass(name)
    except Py4JJavaError:
        return False
    return True


def _note(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - the job's own error output
