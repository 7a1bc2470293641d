"""The view on the JVM that scripts get: Glue's names are answered here, all others by py4j.

Everything else that Amazon's package asks for is refused by name, so that a script fails at its own line and not
with "'JavaPackage' object is not callable".
"""

from __future__ import annotations

from typing import Any

from py4j.java_gateway import JVMView  # type: ignore[import-untyped]

from glueprint.runtime.standin import absent
from glueprint.runtime.standin.absent import Absent, ComPackage
from glueprint.runtime.standin.arguments import (
    GluePythonUtils,
    MappingSpec,
    PythonUtils,
    RecordUtils,
    ResolveSpec,
    call_site,
)
from glueprint.runtime.standin.context import GlueContext
from glueprint.runtime.standin.dynamic_frame import DynamicFrames
from glueprint.runtime.standin.job import Job
from glueprint.runtime.standin.logger import GlueLogger
from glueprint.runtime.standin.session import JobSession

_ABSENT_CLASSES = frozenset(
    {
        "AWSConnectionUtils",
        "ApplyMapping",
        "EntityDetector",
        "EvaluateDataQuality",
        "StreamingSource",
        "gluefunctions",
    }
)


class GlueJVMView(JVMView):  # type: ignore[misc]  # py4j has no types
    """Made of a ``JVMView`` by :func:`settle`; ``session`` is the process's own."""

    session: JobSession
    Job: Job
    GlueLogger = GlueLogger
    DynamicFrame = DynamicFrames()
    GluePythonUtils = GluePythonUtils
    MappingSpec = MappingSpec
    RecordUtils = RecordUtils
    ResolveSpec = ResolveSpec
    CallSite = staticmethod(call_site)

    def GlueContext(self, java_spark_context: Any, *partitions: int) -> GlueContext:  # noqa: N802 - Java's name
        """A GlueContext on the running session; ``partitions`` (minimum, target) steer only Glue's own readers."""
        session = self.org.apache.spark.sql.SparkSession.builder().getOrCreate()
        return GlueContext(self.session, session.sqlContext())

    @property
    def com(self) -> ComPackage:
        """Java's package, Amazon's part of it looked after."""
        return ComPackage(super().__getattr__("com"), self)

    def JsonOptions(self, text: str) -> str:  # noqa: N802 - Java's name
        """Options stay the JSON text they are until something here reads them."""
        return text

    @property
    def PythonUtils(self) -> PythonUtils:  # noqa: N802 - Java's name
        """Spark's own, that knows stand-ins."""
        return PythonUtils(self.org.apache.spark.api.python.PythonUtils)

    def __getattr__(self, name: str) -> Any:
        if name in _ABSENT_CLASSES:
            return Absent(name)
        return super().__getattr__(name)


def settle(view: JVMView, session: JobSession) -> None:
    """Give the existing view Glue's names; it stays the same object, so that all who hold it agree. Scripts can
    import Amazon's unpublished packages from then on.
    """
    absent.install_import_hook()
    GlueJVMView.session = session
    GlueJVMView.Job = Job(session)
    view.__class__ = GlueJVMView
