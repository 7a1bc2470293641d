"""Checks the environment whose Python runs this file: ``doctor`` reads a line of JSON for each check.

It is a program, not a module of Glueprint: it runs on Python 3.9 and imports only what the environment contains.

    python -I doctor_probe.py {"python": "3.13", "modules": ["boto3"], "spark": "4.1", "java_home": "/java"}
"""

from __future__ import annotations

import importlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
from typing import Any

_OPENED = (
    *("java.lang", "java.lang.invoke", "java.lang.reflect", "java.io", "java.net", "java.nio", "java.util"),
    *("java.util.concurrent", "java.util.concurrent.atomic", "sun.nio.ch", "sun.nio.cs", "sun.security.action"),
    *("sun.util.calendar", "jdk.internal.ref"),
)
"""Packages of Java that Spark needs open (org.apache.spark.launcher.JavaModuleOptions)."""
_JVM_SECONDS = 180.0


class Failed(Exception):
    """A check failed; the message is the reason."""


def main(wanted: dict[str, Any]) -> int:
    """Run the checks in order; the first one that fails ends the list, since the others depend on it."""
    checks = [("python", check_python), ("modules", check_modules)]
    if wanted["spark"]:
        checks += [("java", check_java), ("spark", check_spark), ("arrow", check_arrow)]
    for name, check in checks:
        started, ok = time.monotonic(), True
        try:
            detail = check(wanted)
        except Failed as error:
            ok, detail = False, str(error)
        except Exception as error:  # noqa: BLE001 - any error of a package is the check's result
            ok, detail = False, f"{type(error).__name__}: {error}"
        line = {"check": name, "ok": ok, "detail": detail, "seconds": round(time.monotonic() - started, 2)}
        print("\n" + json.dumps(line), flush=True)  # noqa: T201 - the answer
        if not ok:
            return 1
    return 0


def check_python(wanted: dict[str, Any]) -> str:
    """The Python has the right minor version."""
    found = ".".join(map(str, sys.version_info[:3]))
    if not found.startswith(wanted["python"] + "."):
        raise Failed("Python {} instead of {}".format(found, wanted["python"]))
    return "Python " + found


def check_modules(wanted: dict[str, Any]) -> str:
    """The modules that jobs most often use can be imported."""
    for name in wanted["modules"]:
        try:
            importlib.import_module(name)
        except Exception as error:  # noqa: PERF203 - the one that fails is named
            raise Failed(f"import {name}: {type(error).__name__}: {error}") from error
    return "imported " + ", ".join(wanted["modules"])


def check_java(wanted: dict[str, Any]) -> str:
    """Java starts, and its version is stated."""
    java = pathlib.Path(wanted["java_home"] or "/nowhere", "bin", "java")
    if not java.exists():
        raise Failed(f"there is no Java at {java}")
    done = subprocess.run([str(java), "-version"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    text = done.stdout.decode(errors="replace").strip()
    if done.returncode != 0:
        raise Failed(f"java -version ended with status {done.returncode}: {text}")
    return text.splitlines()[0]


def check_spark(wanted: dict[str, Any]) -> str:
    """A session starts and counts, and its version is the runtime's."""
    session = _session(wanted)
    count, version = session.range(10).count(), session.version
    if count != 10:
        raise Failed(f"Spark counted {count} of 10 rows")
    if not version.startswith(wanted["spark"] + "."):
        raise Failed("Spark {} instead of {}".format(version, wanted["spark"]))
    return f"Spark {version} counted 10 rows"


def check_arrow(wanted: dict[str, Any]) -> str:
    """A pandas function runs in Spark's Python workers, over Arrow."""
    import pandas  # type: ignore[import-untyped]
    from pyspark.sql.functions import pandas_udf

    double = pandas_udf(lambda numbers: numbers * 2, "long")
    frame = _session(wanted).range(3).select(double("id").alias("doubled")).toPandas()
    if list(frame["doubled"]) != [0, 2, 4]:
        raise Failed("a pandas function returned {}".format(list(frame["doubled"])))
    return f"a pandas function ran (pandas {pandas.__version__})"


def _session(wanted: dict[str, Any]) -> Any:
    """Return the session; the first call starts the JVM, as jobs do: directly, without pyspark's launcher."""
    from pyspark.sql import SparkSession

    if "PYSPARK_GATEWAY_PORT" not in os.environ:
        port, secret = _start_jvm(wanted)
        os.environ.update(PYSPARK_GATEWAY_PORT=str(port), PYSPARK_GATEWAY_SECRET=secret)
    return SparkSession.builder.config("spark.sql.execution.arrow.pyspark.enabled", "true").getOrCreate()


def _start_jvm(wanted: dict[str, Any]) -> tuple[int, str]:
    import pyspark

    home = pathlib.Path(pyspark.__file__).parent
    connection = pathlib.Path(tempfile.mkdtemp(), "connection")
    settings = {
        "spark.master": "local[1]",
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.shuffle.partitions": "1",
    }
    process = subprocess.Popen(
        [
            str(pathlib.Path(wanted["java_home"], "bin", "java")),
            *("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.net.preferIPv4Stack=true"),
            *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED),
            *("-cp", "{}/*".format(home / "jars"), "org.apache.spark.deploy.SparkSubmit"),
            *(part for name, value in settings.items() for part in ("--conf", f"{name}={value}")),
            "pyspark-shell",
        ],
        stdin=subprocess.PIPE,  # the JVM ends when this process does
        env=dict(
            os.environ,
            SPARK_HOME=str(home),
            SPARK_LOCAL_IP="127.0.0.1",
            JAVA_HOME=wanted["java_home"],
            PYSPARK_PYTHON=sys.executable,
            _PYSPARK_DRIVER_CONN_INFO_PATH=str(connection),
        ),
    )
    os.environ.update(PYSPARK_PYTHON=sys.executable, PYSPARK_DRIVER_PYTHON=sys.executable)
    end = time.monotonic() + _JVM_SECONDS
    while not connection.exists():
        if process.poll() is not None:
            raise Failed(f"Java ended with status {process.returncode} before Spark was ready")
        if time.monotonic() > end:
            process.kill()
            raise Failed(f"Spark was not ready after {_JVM_SECONDS:.0f} s")
        time.sleep(0.02)
    with connection.open("rb") as file:
        port = int.from_bytes(file.read(4), "big")
        secret = file.read(int.from_bytes(file.read(4), "big")).decode()
    connection.unlink()
    connection.parent.rmdir()
    return port, secret


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
