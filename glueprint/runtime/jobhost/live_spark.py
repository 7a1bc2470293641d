"""The running Spark of a waiting worker: hidden from PySpark, and used by the first SparkContext of the script.

The script finds what it would find after a cold start: no context, no session, no view; ``SparkContext()`` makes
one. But PySpark then gets the one that runs already, with the run's properties. If a script sets properties that a
running context cannot take, it gets a new one in the same JVM.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from glueprint.runtime.shared import spark_versions
from glueprint.runtime.shared.spark_changes import MASTER, settable_at_run_time

if TYPE_CHECKING:
    from pyspark import SparkContext

_HADOOP = "spark.hadoop."


class LiveSpark:
    """A SparkContext in the JVM that PySpark does not know."""

    def __init__(self, context: SparkContext) -> None:
        """Hide ``context``, which must be the active one; its sessions are forgotten."""
        self._jvm: Any = context._jvm
        self._java_context: Any = context._jsc
        self._variables: dict[str, str] = {}
        _forget_sessions(self._jvm)
        _forget_context(context)
        self._replace_initializer()

    def is_healthy(self) -> bool:
        """Whether the JVM answers and its context runs."""
        from py4j.protocol import Py4JError  # type: ignore[import-untyped]

        try:
            return not self._java_context.sc().isStopped()
        except (Py4JError, OSError):
            return False

    def set_properties(self, properties: Mapping[str, str], variables: Mapping[str, str]) -> None:
        """Set ``properties`` for the script's contexts and sessions, and the environment of its UDFs."""
        self._variables = dict(variables)
        set_system_property = self._jvm.java.lang.System.setProperty
        for name, value in properties.items():
            set_system_property(name, value)  # a new SparkConf takes its properties from there
        self._apply({name: value for name, value in properties.items() if name != MASTER})

    def _apply(self, properties: Mapping[str, str]) -> None:
        conf = self._java_context.sc().conf()
        hadoop = self._java_context.hadoopConfiguration()
        for name, value in properties.items():
            conf.set(name, value)
            if name.startswith(_HADOOP):
                hadoop.set(name.removeprefix(_HADOOP), value)

    def _replace_initializer(self) -> None:
        """Let PySpark take the running context instead of making one; once."""
        from pyspark import SparkContext

        make = SparkContext._initialize_context

        def initialize(context: SparkContext, java_conf: Any) -> Any:
            context.environment.update(self._variables)
            SparkContext._initialize_context = make
            taken = self._taken(java_conf)
            return make(context, java_conf) if taken is None else taken

        SparkContext._initialize_context = initialize

    def _taken(self, wanted: Any) -> Any:
        """Return the running context with the properties of ``wanted``, a Java SparkConf; None if impossible."""
        if self._java_context.sc().isStopped():
            return None
        known = set(self._java_context.sc().conf().toDebugString().splitlines())
        names = [line.partition("=")[0] for line in wanted.toDebugString().splitlines() if line not in known]
        if not all(map(settable_at_run_time, names)):
            self._java_context.stop()
            return None
        self._apply({name: wanted.get(name) for name in names})
        return self._java_context


def _forget_sessions(jvm: Any) -> None:
    from pyspark.sql import SparkSession, SQLContext

    java = spark_versions.session_class(jvm)
    java.clearDefaultSession()
    java.clearActiveSession()
    SparkSession._instantiatedSession = None
    SparkSession._activeSession = None
    SQLContext._instantiatedContext = None


def _forget_context(context: SparkContext) -> None:
    """Undo what making a context has changed in this process."""
    from pyspark import SparkContext, SparkFiles

    files = SparkFiles.getRootDirectory()
    sys.path[:] = [entry for entry in sys.path if entry != files]
    SparkFiles._sc = None
    context._accumulatorServer.shutdown()
    SparkContext._active_spark_context = None
    signal.signal(signal.SIGINT, signal.default_int_handler)
