"""The program of a Spark job: starts the JVM during the imports, replaces PySpark's launcher, runs the script.

Scripts import Amazon's own ``awsglue``; ``standin`` answers what it requests of Glue's JVM.
"""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from glueprint.runtime.jobhost import script, tracebacks
from glueprint.runtime.jobhost.bucket_mounter import BucketMounter
from glueprint.runtime.jobhost.installer import install_modules
from glueprint.runtime.jobhost.jvm import DriverJVM, archive_flags, report_end
from glueprint.runtime.shared import instructions, rundir
from glueprint.runtime.shared.s3_mounts import S3_SCHEMES, local_path_pattern, mount, mounted
from glueprint.runtime.standin import absent


def main(instructions_file: str) -> int:
    """Run the script of ``instructions_file`` and return the exit status for the process."""
    todo = instructions.read(Path(instructions_file))
    for line in todo.notes:
        print(line, file=sys.stderr, flush=True)  # noqa: T201 - the job's own error output
    run_dir = os.environ.get(rundir.MARK)
    added = [] if todo.setup is None else install_modules(todo.setup, run_dir)
    if added is None:
        return 1
    sys.path[:0] = [str(Path(todo.script).parent), *added]
    absent.install_import_hook()  # a script may import them before it makes its context
    jvm = _start_spark(todo.spark)
    return script.run_script(todo.script, todo.arguments, run_dir, jvm.how_it_was_lost, every_exit_fails=True)


def _start_spark(spark: instructions.SparkInstructions) -> DriverJVM:
    jvm = start(spark)
    # Registered before any handler of the script, so it runs last, after the script's threads and handlers.
    atexit.register(stop_spark, jvm)
    return jvm


def start(spark: instructions.SparkInstructions) -> DriverJVM:
    """Start the JVM for this process; the next ``SparkContext`` uses it, with Glue's names in it.

    End it with :func:`stop_spark`.
    """
    jvm = launch_jvm(spark)
    replace_pyspark_launcher(lambda: install_glue_view(connect(jvm), spark))
    return jvm


def launch_jvm(spark: instructions.SparkInstructions) -> DriverJVM:
    """Start the JVM without waiting for it."""
    from importlib.util import find_spec

    found = find_spec("pyspark")
    assert found is not None
    assert found.origin is not None
    home = Path(found.origin).parent
    archive = [] if spark.class_archive is None else archive_flags(spark.class_archive)
    return DriverJVM(
        spark.java, [*spark.flags, *archive], spark.properties, home, spark.jars, jars_first=spark.jars_first
    )


def replace_pyspark_launcher(gateway: Callable[[], Any]) -> None:
    """Let PySpark call ``gateway`` instead of starting its own JVM."""
    import pyspark.context

    def launch_gateway(conf: object = None, popen_kwargs: object = None) -> Any:
        return gateway()

    pyspark.context.launch_gateway = launch_gateway


def connect(jvm: DriverJVM) -> Any:
    """Return PySpark's gateway to ``jvm``, as soon as that listens."""
    from pyspark import java_gateway

    port, secret = jvm.connection()
    variables = {"PYSPARK_GATEWAY_PORT": str(port), "PYSPARK_GATEWAY_SECRET": secret}
    os.environ.update(variables)
    try:
        gateway = java_gateway.launch_gateway()
    finally:
        for name in variables:
            del os.environ[name]
    _leave_no_checksum_files(gateway.jvm)
    return gateway


def install_glue_view(gateway: Any, spark: instructions.SparkInstructions) -> Any:
    """Put Glue's names into the gateway's view of the JVM.

    Also mounts buckets that are created later, and turns the Data Catalog on for Spark SQL if the run requests it.
    """
    from glueprint.runtime.sparksql import table_hints
    from glueprint.runtime.standin import session, view

    s3_root = Path(spark.s3_root)
    view.install(gateway.jvm, session.JobSession(s3_root))
    late = BucketMounter(s3_root, mounted(spark.properties), lambda bucket: _mount(s3_root, bucket))
    late.watch(gateway._gateway_client)
    if spark.glue_catalog:
        from glueprint.runtime.sparksql import server

        server.use_data_catalog(gateway)
    tracebacks.show_s3_names(local_path_pattern(s3_root))
    tracebacks.install_hook()  # below the hook of print_hints
    table_hints.print_hints(uses_data_catalog=spark.glue_catalog)
    return gateway


def _leave_no_checksum_files(jvm: Any) -> None:
    """Keep Hadoop from writing a ``.name.crc`` next to each local file; the file system object is shared."""
    local = jvm.java.net.URI("file:///")
    configuration = jvm.org.apache.hadoop.conf.Configuration()
    jvm.org.apache.hadoop.fs.FileSystem.get(local, configuration).setWriteChecksum(False)


def _mount(s3_root: Path, bucket: str) -> None:
    """Mount ``bucket`` in the running context.

    Sessions and Hive have copies of its configuration, which do not change. But Hadoop keeps one file system per
    scheme and bucket for all of them, made with the first caller's configuration: so it is requested here.
    """
    from pyspark import SparkContext

    context: Any = SparkContext._active_spark_context
    if context is not None:
        configuration = context._jsc.hadoopConfiguration()
        configuration.set(*mount(s3_root, bucket))
        for scheme in S3_SCHEMES:
            uri = context._jvm.java.net.URI(f"{scheme}://{bucket}/")
            context._jvm.org.apache.hadoop.fs.FileSystem.get(uri, configuration)


def stop_spark(jvm: DriverJVM) -> None:
    """Stop Spark if it runs, then end the JVM, whatever happened before."""
    from pyspark import SparkContext

    report_end(jvm)
    if lost := sys.modules.get("glueprint.runtime.frames.lost_records"):  # else there are no frames
        lost.report()
    context = SparkContext._active_spark_context
    try:
        if context is not None and not jvm.killed:
            context.stop()
    finally:
        if SparkContext._gateway is not None:
            stop_releasing_objects(SparkContext._gateway._gateway_client)
        jvm.end()


def stop_releasing_objects(client: Any) -> None:
    """Stop py4j from releasing Java objects that Python has dropped.

    A thread of py4j does so, up to a second later; if the JVM has ended by then, it logs a traceback into the
    error log of a job that succeeded.
    """
    client.is_connected = False
