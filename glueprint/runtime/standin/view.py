"""The view of the JVM that scripts use: Glue's names are resolved here, all others by py4j.

Any other name of Glue's JVM is refused and named in the error, so that a script fails at its own line and not
with "'JavaPackage' object is not callable".
"""

from __future__ import annotations

from typing import Any

from py4j.java_gateway import JVMView  # type: ignore[import-untyped]

from glueprint.runtime.shared import spark_versions
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
    """A ``JVMView`` with Glue's names, made by :func:`install`; ``session`` is the process's own."""

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
        """A GlueContext on the running session; ``partitions`` (minimum, target) are options of Glue's own
        readers only.
        """
        session = spark_versions.session_class(self).builder().getOrCreate()
        return GlueContext(self.session, session.sqlContext())

    @property
    def com(self) -> ComPackage:
        """Java's package, in which Amazon's part is replaced."""
        return ComPackage(super().__getattr__("com"), self)

    def JsonOptions(self, text: str) -> str:  # noqa: N802 - Java's name
        """Options stay JSON text until they are parsed here."""
        return text

    @property
    def PythonUtils(self) -> PythonUtils:  # noqa: N802 - Java's name
        """Spark's own class, which accepts stand-ins."""
        return PythonUtils(self.org.apache.spark.api.python.PythonUtils)

    def __getattr__(self, name: str) -> Any:
        if name in _ABSENT_CLASSES:
            return Absent(name)
        return super().__getattr__(name)


def install(view: JVMView, session: JobSession) -> None:
    """Add Glue's names to the existing view, which stays the same object for all who use it
    (docs/facts/runtime.md#hook-of-the-jvm-view). Scripts can then import Amazon's unpublished packages.
    """
    absent.install_import_hook()
    GlueJVMView.session = session
    GlueJVMView.Job = Job(session)
    view.__class__ = GlueJVMView
