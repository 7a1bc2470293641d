"""One Spark in this process that runs many scripts, one after the other: fast, and a debugger works.

What a script changes is restored: arguments, environment, directory, modules, temporary views, settings,
functions, cached data. Its ``sc.stop()`` stops nothing.
"""

from __future__ import annotations

import contextlib
import io
import os
import runpy
import sys
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast

from glueprint.runtime.jobhost import spark as host
from glueprint.runtime.jobhost.script import exit_failure, exit_status
from glueprint.runtime.jobhost.tracebacks import error_summary, trim_traceback
from glueprint.runtime.launch import environment, spark_settings
from glueprint.runtime.shared import instructions, spark_versions
from glueprint.runtime.standin import view
from glueprint.runtime.standin.session import JobSession
from glueprint.testing import restoring
from glueprint.testing.jobs import Arguments, JobResult, job_arguments, source_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SLOTS = 2
_HEAP_BYTES = 1 << 30


class SparkExists(Exception):
    """This process has a Spark that something else started."""


class SharedSpark:
    """A Spark that is started on entry and stopped on exit. A process can have one at a time."""

    def __init__(self, s3_root: Path, work_dir: Path, variables: Mapping[str, str] | None = None) -> None:
        """``s3_root`` contains the buckets, ``work_dir`` is for Spark; ``variables`` are in the environment of
        UDFs, in addition to Spark's.
        """
        self._s3_root = s3_root
        self._work_dir = work_dir
        self._variables = variables or {}
        self.session: SparkSession

    def __enter__(self) -> SharedSpark:
        """Start it.

        Raises:
            SparkExists: this process has or had another: PySpark keeps its JVM as long as the process runs.
        """
        from pyspark import SparkContext
        from pyspark.sql import SparkSession

        if SparkContext._gateway is not None:
            raise SparkExists(
                "run_job(in_process=True) starts a Spark that has S3 and Glue's classes, and this process has "
                "another one already: let the fixture that makes it return glueprint_spark.session instead"
            )
        (self._work_dir / "tmp").mkdir(parents=True, exist_ok=True)
        log4j = self._work_dir / spark_settings.LOG4J_FILE
        log4j.write_text(spark_settings.log4j(self._s3_root), encoding="utf-8")
        java_home = environment.java_home(os.environ)
        base = {"PATH": os.environ["PATH"], "TMPDIR": str(self._work_dir / "tmp"), **self._variables}
        request = instructions.SparkInstructions(
            java=str(java_home / "bin" / "java"),
            flags=spark_settings.jvm_flags(heap=_HEAP_BYTES, work_dir=self._work_dir),
            properties=spark_settings.properties(
                slots=SLOTS, work_dir=self._work_dir, s3_root=self._s3_root, buckets=(), app_name="tests"
            ),
            s3_root=str(self._s3_root),
        )
        self._jvm = host.start(request)
        with contextlib.ExitStack() as opening:
            opening.callback(host.stop_spark, self._jvm)
            with restoring.environment({**os.environ, **environment.spark_environment(base, java_home)}):
                self.session = SparkSession.builder.getOrCreate()
            self._opened = opening.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        from pyspark import SparkContext

        with self._opened:
            self.session.stop()
            gateway = SparkContext._gateway
            if gateway is not None:
                gateway.shutdown()  # otherwise a thread of py4j lives as long as the process
            SparkContext._gateway = SparkContext._jvm = None  # its JVM has ended

    def run(self, script: Path | str, args: Arguments, variables: Mapping[str, str]) -> JobResult:
        """Run a script in this process, as a Spark job of Glue.

        Args:
            script: its path.
            args: its arguments.
            variables: its environment, in addition to this process's.

        Raises:
            FileNotFoundError: there is no such script.
        """
        path = source_of(script).absolute()
        name = path.stem
        given = {"--JOB_NAME": name, "--JOB_RUN_ID": f"jr_{name}", **job_arguments(args)}
        argv = [str(path), *(part for pair in given.items() for part in pair)]
        output, errors = io.StringIO(), io.StringIO()
        exception: BaseException | None = None
        with contextlib.ExitStack() as around:
            around.enter_context(restoring.environment({**os.environ, **variables}))
            around.enter_context(restoring.process_state(argv))
            around.enter_context(restoring.global_views(self.session))
            around.enter_context(self._fresh_session())
            around.enter_context(contextlib.redirect_stdout(_both(sys.stdout, output)))
            around.enter_context(contextlib.redirect_stderr(_both(sys.stderr, errors)))
            try:
                runpy.run_path(str(path), run_name="__main__")
            except SystemExit as error:
                exit_status(error)  # prints a text, as Python does; in a Spark job every exit is a failure
                exception = error
            except Exception as error:  # noqa: BLE001 - it is the result
                exception = error
                trim_traceback(error, str(path))
                errors.write("".join(traceback.format_exception(error)))
        if exception is None:
            return JobResult("SUCCEEDED", None, output.getvalue(), errors.getvalue())
        failure = exit_failure(exception) if isinstance(exception, SystemExit) else error_summary(exception)
        message = f"{failure['type']}: {failure['message']}" if "type" in failure else str(failure["message"])
        return JobResult("FAILED", message, output.getvalue(), errors.getvalue(), {}, exception)

    def forget_tables(self) -> None:
        """Remove what scripts left in Spark's own catalog."""
        restoring.forget_tables(self.session)

    @contextlib.contextmanager
    def _fresh_session(self) -> Iterator[None]:
        """Provide a new session on the shared SparkContext for one script's views, settings and functions."""
        from pyspark import SparkContext
        from pyspark.sql import SparkSession

        context = self.session.sparkContext
        stops = {cls: cls.stop for cls in (SparkContext, SparkSession)}
        own = self.session.newSession()
        java = context._jvm
        assert java is not None
        for cls in stops:
            cls.stop = lambda self: None
        _make_current(own)
        view.install(java, JobSession(s3_root=self._s3_root))
        try:
            yield
        finally:
            for cls, stop in stops.items():
                cls.stop = stop
            own.catalog.clearCache()
            _make_current(self.session)


def _make_current(session: SparkSession) -> None:
    """Make a session the one that ``getOrCreate`` returns, in Python and in Java."""
    kind = cast(Any, type(session))
    kind._instantiatedSession = kind._activeSession = session
    java = session._jvm
    assert java is not None
    sessions = spark_versions.session_class(java)
    sessions.setDefaultSession(session._jsparkSession)
    sessions.setActiveSession(session._jsparkSession)


def _both(shown: TextIO, kept: io.StringIO) -> TextIO:
    """Return a text output that writes to two others."""
    return cast(TextIO, _Tee(shown, kept))


class _Tee(io.TextIOBase):
    def __init__(self, shown: TextIO, kept: io.StringIO) -> None:
        self._shown = shown
        self._kept = kept

    def write(self, text: str) -> int:
        self._kept.write(text)
        return self._shown.write(text)

    def flush(self) -> None:
        self._shown.flush()
