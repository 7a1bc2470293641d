"""Turning the Data Catalog on for a process: what Spark is told, what listens for Spark's Hive client.

Source: AWS Glue guide, "AWS Glue Data Catalog support for Spark SQL jobs": ``--enable-glue-datacatalog`` makes the
Data Catalog Spark's external Hive metastore and enables Hive support in the session.

A job's first line waits for this: what only a question for a table needs is imported when there is one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from glueprint.runtime.sparksql.server import MetastoreServer

if TYPE_CHECKING:
    from glueprint.runtime.sparksql.calls import Metastore

IMPLEMENTATION = "spark.sql.catalogImplementation"


def turn_on(gateway: Any) -> MetastoreServer:
    """Make the Glue that the environment's variables name the metastore of Spark in ``gateway``'s JVM: of contexts
    that are made later, and of the sessions that are made later in a context that is there already.

    Nothing is asked, and nothing of Hive is loaded, before a script first needs a table.
    """
    from pyspark import SparkContext

    system = gateway.jvm.java.lang.System
    pid = gateway.jvm.java.lang.ProcessHandle.current().pid()
    server = MetastoreServer(_metastore, lambda port: _has_port(pid, port))
    hadoop = {
        "hive.metastore.uris": server.uri,
        "hive.metastore.execute.setugi": "false",  # nobody's rights are asked for
        # Hive's own default is a directory under /tmp that all users share.
        "hive.exec.scratchdir": f"file://{system.getProperty('java.io.tmpdir')}/hive",
    }
    for name, value in {IMPLEMENTATION: "hive", **{f"spark.hadoop.{key}": hadoop[key] for key in hadoop}}.items():
        system.setProperty(name, value)  # where a new SparkConf looks
    if (context := SparkContext._active_spark_context) is not None:
        context._jsc.sc().conf().set(IMPLEMENTATION, "hive")
        for name, value in hadoop.items():
            context._jsc.hadoopConfiguration().set(name, value)
    return server


def _metastore() -> Metastore:
    from glueprint.runtime.sparksql import service

    return service.metastore()


def _has_port(pid: int, port: int) -> bool:
    """Whether process ``pid``, our own child, holds the local TCP port ``port``."""
    import psutil

    connections = psutil.Process(pid).net_connections(kind="tcp")
    return any(each.laddr and each.laddr.port == port for each in connections)
