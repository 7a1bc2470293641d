"""What Amazon's ``awsglue`` looks for in Glue's JVM: the little that a Spark script cannot do without.

GlueContext as a SparkSession, Job.init and Job.commit, the logger. Everything else that Amazon's package asks for
is refused by name, so that a script fails at its own line and not with "'JavaPackage' object is not callable".
"""

from __future__ import annotations

import logging
import sys
from typing import Any, NoReturn

from py4j.java_gateway import JVMView  # type: ignore[import-untyped]


class NotSupportedLocally(NotImplementedError):
    """This part of Glue's JVM is not there in the local Glue yet."""

    def __init__(self, name: str) -> None:
        super().__init__(f"not supported locally yet: {name}")


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
_ABSENT_CLASSES = frozenset(
    {
        "AWSConnectionUtils",
        "ApplyMapping",
        "EntityDetector",
        "EvaluateDataQuality",
        "GluePythonUtils",
        "MappingSpec",
        "RecordUtils",
        "ResolveSpec",
        "StreamingSource",
        "gluefunctions",
    }
)


class _GlueContext:
    """Stands for the Scala GlueContext: what is not Glue's is answered by the session's own SQLContext."""

    def __init__(self, java_sql_context: Any) -> None:
        self._java_sql_context = java_sql_context

    def __getattr__(self, name: str) -> Any:
        if name in _SOURCES_AND_SINKS:
            raise NotSupportedLocally(f"GlueContext.{name} (use spark.read and DataFrame.write)")
        return getattr(self._java_sql_context, name)


class _Absent:
    """A class of Glue's JVM that is not there: any use of it is refused by name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, member: str) -> NoReturn:
        raise NotSupportedLocally(f"{self._name}.{member}")

    def __call__(self, *arguments: object) -> NoReturn:
        raise NotSupportedLocally(self._name)


class _Job:
    """``Job.init`` and ``Job.commit``; a commit has nothing to keep, as there are no bookmarks yet."""

    def __init__(self, *, bookmarks_wanted: bool) -> None:
        self._bookmarks_wanted = bookmarks_wanted
        self._initialized = False

    def init(self, name: str, session: object, arguments: object) -> None:
        self._initialized = True

    def isInitialized(self) -> bool:  # noqa: N802 - Java's name
        return self._initialized

    def commit(self) -> None:
        if self._bookmarks_wanted:
            print(  # noqa: T201 - the job's own error output
                "job bookmarks are not kept locally yet: the next run reads everything again", file=sys.stderr
            )


class _Logger:
    """``glueContext.get_logger()``: lines on the error output."""

    def __init__(self) -> None:
        self._log = logging.getLogger("GlueLogger")
        self._log.setLevel(logging.INFO)
        self._log.propagate = False
        if not self._log.handlers:
            handler = logging.StreamHandler(sys.stderr)
            handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s [GlueLogger] %(message)s"))
            self._log.addHandler(handler)

    def debug(self, message: str) -> None:
        self._log.debug(message)

    def info(self, message: str) -> None:
        self._log.info(message)

    def warn(self, message: str) -> None:
        self._log.warning(message)

    def error(self, message: str, cause: object = None) -> None:
        self._log.error(message)


class GlueJVMView(JVMView):  # type: ignore[misc]  # py4j has no types
    """The view on the JVM that scripts get: Glue's names are answered here, all others by py4j."""

    Job = _Job(bookmarks_wanted=False)
    DynamicFrame = _Absent("DynamicFrame")

    def GlueContext(self, java_spark_context: Any, *partitions: int) -> _GlueContext:  # noqa: N802 - Java's name
        """A GlueContext on the running session; ``partitions`` (minimum, target) steer only Glue's own readers."""
        session = self.org.apache.spark.sql.SparkSession.builder().getOrCreate()
        return _GlueContext(session.sqlContext())

    def GlueLogger(self) -> _Logger:  # noqa: N802 - Java's name
        """A new logger."""
        return _Logger()

    def JsonOptions(self, text: str) -> str:  # noqa: N802 - Java's name
        """Options stay the JSON text they are until something here reads them."""
        return text

    def CallSite(self, site: str, info: str) -> tuple[str, str]:  # noqa: N802 - Java's name
        """Where a script called; only carried along."""
        return site, info

    def __getattr__(self, name: str) -> Any:
        if name in _ABSENT_CLASSES:
            return _Absent(name)
        return super().__getattr__(name)


def settle(view: JVMView, *, bookmarks_wanted: bool) -> None:
    """Give the existing view Glue's names; it stays the same object, so that all who hold it agree."""
    GlueJVMView.Job = _Job(bookmarks_wanted=bookmarks_wanted)
    view.__class__ = GlueJVMView
