"""Stands for the Scala ``GlueContext``."""

from __future__ import annotations

from typing import Any

from glueprint.runtime.standin.errors import NotSupportedLocally
from glueprint.runtime.standin.session import JobSession

_SOURCES_AND_SINKS = frozenset(
    {
        "getSource",
        "getSampleSource",
        "getCatalogSource",
        "getSink",
        "getCatalogSink",
        "getJDBCSink",
        "extractJDBCConf",
        "purgeS3Path",
        "purgeTable",
        "transitionS3Path",
        "transitionTable",
        "getCatalogSchemaAsSparkSchema",
        "addIngestionTimeColumns",
        "startTransaction",
        "commitTransaction",
        "cancelTransaction",
    }
)


class GlueContext:
    """What is not Glue's is answered by the session's own Java SQLContext."""

    def __init__(self, session: JobSession, java_sql_context: Any) -> None:
        self._session = session
        self._java_sql_context = java_sql_context

    def __getattr__(self, name: str) -> Any:
        if name in _SOURCES_AND_SINKS:
            raise NotSupportedLocally(f"GlueContext.{name} (use spark.read and DataFrame.write)")
        return getattr(self._java_sql_context, name)
