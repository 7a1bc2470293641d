"""The driver's JVM: started directly and early, so that it starts while Python still imports; ended with the
process.

PySpark would start it through two shell scripts and a first JVM that only computes the command line of the second.
That costs half a second, and flags could only be passed through a variable that Java announces on its error
output.
"""

from __future__ import annotations

import os
import signal
import string
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from glueprint.runtime.shared.s3_mounts import FILE_SYSTEM_JAR

_END_SECONDS = 5.0
_LOST_SECONDS = 1.0
"""How long a JVM may take to end after its connections broke."""
_CONNECTION = "_PYSPARK_DRIVER_CONN_INFO_PATH"
"""Where Spark's PythonGatewayServer writes port and secret (pyspark's own launcher uses the same variable)."""
_PLAIN = frozenset(f"{string.ascii_letters}{string.digits}._-/")


class JVMError(Exception):
    """The JVM did not start; its own messages are on the error output."""


class DriverJVM:
    """Spark's JVM for this process. Starts at once; :meth:`connection` waits until it listens."""

    def __init__(
        self,
        java: str,
        flags: Sequence[str],
        properties: Mapping[str, str],
        spark_home: Path,
        jars: Sequence[str] = (),
        *,
        jars_first: bool = False,
    ) -> None:
        """``jars`` are the user's: on the class path after Spark's own, or before them with ``jars_first``."""
        self._directory = tempfile.mkdtemp(prefix="gateway-")
        self._file = Path(self._directory) / "connection"
        self._connected = False
        # Not on the command line: all users of the machine can read that, its length is limited, and then Spark's
        # own defaults (conf/spark-defaults.conf) would count, too.
        self._properties = Path(self._directory) / "spark.properties"
        self._properties.write_text(properties_text(properties), encoding="ascii")
        # Spark's JARs first: a class-data archive is for a class path that starts with them.
        own = [f"{spark_home / 'jars'}/*", str(FILE_SYSTEM_JAR)]
        class_path = os.pathsep.join([*jars, *own] if jars_first else [*own, *jars])
        command = [java, *flags, "-cp", class_path, "org.apache.spark.deploy.SparkSubmit"]
        # The JVM ends with this process: PythonGatewayServer exits at the end of its standard input.
        self._process = subprocess.Popen(
            [*command, "--properties-file", str(self._properties), "pyspark-shell"],
            stdin=subprocess.PIPE,
            env={**os.environ, "SPARK_HOME": str(spark_home), _CONNECTION: str(self._file)},
        )

    def connection(self) -> tuple[int, str]:
        """Return port and secret of the py4j gateway.

        Raises:
            JVMError: the JVM ended first.
        """
        while not self._file.exists():
            if (status := self._process.poll()) is not None:
                raise JVMError(f"the Java process for Spark ended with status {status} before it was ready")
            time.sleep(0.005)
        self._connected = True
        with self._file.open("rb") as file:
            port = int.from_bytes(file.read(4), "big")
            secret = file.read(int.from_bytes(file.read(4), "big")).decode()
        return port, secret

    def end(self) -> None:
        """End the JVM, at first orderly, then by force; return when it has ended."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        if not self._connected:  # the script never touched Spark, and the JVM may still be starting
            self._process.kill()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for file in (self._file, self._properties):
            file.unlink(missing_ok=True)
        Path(self._directory).rmdir()

    def kill(self) -> None:
        """End the JVM by force, without waiting."""
        self._process.kill()

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    @property
    def killed(self) -> bool:
        """Whether the JVM was ended by SIGKILL, as the kernel does when memory runs out."""
        return self._process.poll() == -signal.SIGKILL


    def how_it_was_lost(self, error: BaseException) -> str | None:
        """Return what happened to the JVM if ``error`` only shows that the connection to it broke; else None."""
        if not isinstance(error, (OSError, EOFError)) and type(error).__module__ != "py4j.protocol":
            return None
        if type(error).__name__ == "Py4JJavaError":  # Java answered
            return None
        try:
            status = self._process.wait(_LOST_SECONDS)
        except subprocess.TimeoutExpired:
            return None
        if status == -signal.SIGKILL:
            return "Spark's Java process was killed (SIGKILL): most likely this machine ran out of memory"
        return f"Spark's Java process ended during the job ({_how(status)}); the error log has its own messages"


def _how(status: int) -> str:
    return f"status {status}" if status >= 0 else signal.Signals(-status).name


def properties_text(properties: Mapping[str, str]) -> str:
    """Return the text that ``java.util.Properties`` reads as ``properties``; special characters are escaped."""
    return "".join(f"{_escaped(name)}={_escaped(value)}\n" for name, value in properties.items())


def _escaped(text: str) -> str:
    return "".join(one if one in _PLAIN else _as_units(one) for one in text)


def _as_units(one: str) -> str:
    """Return a character in Java's own form, UTF-16."""
    units = one.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def report_end(jvm: DriverJVM) -> None:
    """Print that Java was killed, which it cannot print itself."""
    if jvm.killed:
        print(  # noqa: T201 - the job's own error output
            "The Java process of Spark was killed (SIGKILL): most likely the machine ran out of memory.",
            file=sys.stderr,
        )


def archive_flags(archive: str) -> list[str]:
    """Return the flags with which a JVM uses a class-data archive, and prints nothing if it cannot."""
    return [f"-XX:SharedArchiveFile={archive}", "-Xlog:cds*=off"]
