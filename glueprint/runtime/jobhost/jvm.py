"""The driver's JVM: started directly and early, so that it comes up while Python still imports; ended with the
process.

PySpark would start it through two shell scripts and a first JVM that only computes the command line of the
second; that costs half a second, and its flags could only be given through a variable that Java announces on the
error output.
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

_END_SECONDS = 5.0
_CONNECTION = "_PYSPARK_DRIVER_CONN_INFO_PATH"
"""Where Spark's PythonGatewayServer writes port and secret (pyspark's own launcher uses the same variable)."""
_PLAIN = frozenset(f"{string.ascii_letters}{string.digits}._-/")


class JVMError(Exception):
    """The JVM did not come up; its own words are on the error output."""


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
        """``jars`` are the user's: on the class path behind Spark's own, or before them with ``jars_first``."""
        self._directory = tempfile.mkdtemp(prefix="gateway-")
        self._file = Path(self._directory) / "connection"
        self._connected = False
        # Not on the command line: everybody on the machine sees that, it cannot hold much, and then Spark's own
        # defaults (conf/spark-defaults.conf) would count too.
        self._properties = Path(self._directory) / "spark.properties"
        self._properties.write_text(properties_text(properties), encoding="ascii")
        sparks = f"{spark_home / 'jars'}/*"
        class_path = os.pathsep.join([*jars, sparks] if jars_first else [sparks, *jars])
        command = [java, *flags, "-cp", class_path, "org.apache.spark.deploy.SparkSubmit"]
        # Its standard input is what tells the JVM that we are gone: PythonGatewayServer exits at its end.
        self._process = subprocess.Popen(
            [*command, "--properties-file", str(self._properties), "pyspark-shell"],
            stdin=subprocess.PIPE,
            env={**os.environ, "SPARK_HOME": str(spark_home), _CONNECTION: str(self._file)},
        )

    def connection(self) -> tuple[int, str]:
        """Port and secret of the py4j gateway.

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
        """End the JVM: kindly, then by force. It is gone afterwards."""
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
        """End the JVM by force, whatever it does; nothing is waited for."""
        self._process.kill()

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    @property
    def killed(self) -> bool:
        """Whether the JVM was ended by SIGKILL, as the kernel does when memory runs out."""
        return self._process.poll() == -signal.SIGKILL


def properties_text(properties: Mapping[str, str]) -> str:
    """The text that ``java.util.Properties`` reads as ``properties``: all but plain characters are escaped."""
    return "".join(f"{_escaped(name)}={_escaped(value)}\n" for name, value in properties.items())


def _escaped(text: str) -> str:
    return "".join(one if one in _PLAIN else _as_units(one) for one in text)


def _as_units(one: str) -> str:
    """A character in Java's own form, UTF-16."""
    units = one.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def report_end(jvm: DriverJVM) -> None:
    """Say what Java itself cannot: that it was killed."""
    if jvm.killed:
        print(  # noqa: T201 - the job's own error output
            "The Java process of Spark was killed (SIGKILL): most likely the machine ran out of memory.",
            file=sys.stderr,
        )


def archive_flags(archive: str) -> list[str]:
    """Flags with which a JVM uses a class-data archive, and says nothing when it cannot."""
    return [f"-XX:SharedArchiveFile={archive}", "-Xlog:cds*=off"]
