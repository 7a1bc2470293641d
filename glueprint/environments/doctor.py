"""Starts an environment and checks it: its Python, modules, Java, and a small Spark job with a pandas function."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from glueprint.environments.definitions import Runtime
from glueprint.environments.failures import tail
from glueprint.environments.installed import Environment

PROBE = Path(__file__).with_name("doctor_probe.py")
TIMEOUT_SECONDS = 300.0
_SPARK_MODULES = ("pyspark", "awsglue.context", "awsglue.utils", "boto3", "numpy", "pandas", "pyarrow")
_SHELL_MODULES = ("boto3",)
_ANALYTICS_MODULES = (
    *("awswrangler", "boto3", "numpy", "pandas", "psycopg2", "pyarrow", "pymysql", "pyodbc", "pyorc"),
    *("redshift_connector", "requests", "s3fs", "scipy", "sklearn", "sqlalchemy"),
)


@dataclass(frozen=True, slots=True)
class Check:
    """One check of an environment.

    Attributes:
        name: ``python``, ``modules``, ``java``, ``spark`` or ``arrow``.
        detail: what was found, or the reason of the failure.
        remedy: what to do if it failed.
    """

    name: str
    ok: bool
    detail: str
    seconds: float
    remedy: str = ""


def examine(environment: Environment, environ: Mapping[str, str] = os.environ) -> list[Check]:
    """Return the checks of an environment; the first that fails is the last one."""
    runtime = environment.runtime
    java_home = environ.get("JAVA_HOME") or environment.java_home
    wanted = {
        "python": runtime.python_version,
        "modules": modules_of(runtime),
        "spark": runtime.spark,
        "java_home": str(java_home) if java_home else None,
    }
    with tempfile.TemporaryDirectory() as scratch:
        try:
            done = subprocess.run(
                [environment.python, "-I", PROBE, json.dumps(wanted)],
                capture_output=True,
                text=True,
                errors="replace",
                timeout=TIMEOUT_SECONDS,
                check=False,
                stdin=subprocess.DEVNULL,
                cwd=scratch,
                env=_plain(environ),
            )
            output, error_output, status = done.stdout, done.stderr, f"status {done.returncode}"
        except OSError as error:
            return [_failed(environment, "python", str(error))]
        except subprocess.TimeoutExpired as error:
            output, error_output = _text(error.stdout), _text(error.stderr)
            status = f"no answer within {TIMEOUT_SECONDS:.0f} s"
    checks = [_check(environment, line) for line in output.splitlines() if line.startswith('{"check"')]
    expected = ["python", "modules", *(("java", "spark", "arrow") if runtime.spark else ())]
    if len(checks) < len(expected) and all(check.ok for check in checks):
        reason = "\n".join([f"the Python ended: {status}", *tail(error_output)])
        checks.append(_failed(environment, expected[len(checks)], reason))
    elif checks and not checks[-1].ok and checks[-1].name == "spark" and (last := tail(error_output)):
        checks[-1] = _failed(environment, "spark", "\n".join([checks[-1].detail, *last]))
    return checks


def modules_of(runtime: Runtime) -> tuple[str, ...]:
    """Return the modules that are imported to check a runtime."""
    if runtime.spark:
        return _SPARK_MODULES
    return _ANALYTICS_MODULES if runtime.name == "pythonshell-analytics" else _SHELL_MODULES


def _plain(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without what makes Spark or Python behave in another way."""
    removed = ("PYTHON", "PYSPARK", "SPARK", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "HADOOP")
    return {name: value for name, value in environ.items() if not name.startswith(removed)}


def _check(environment: Environment, line: str) -> Check:
    found = json.loads(line)
    if not found["ok"]:
        return _failed(environment, found["check"], found["detail"], found["seconds"])
    return Check(found["check"], True, found["detail"], found["seconds"])


def _failed(environment: Environment, name: str, detail: str, seconds: float = 0.0) -> Check:
    return Check(name, False, detail, seconds, _remedy(environment, name))


def _remedy(environment: Environment, name: str) -> str:
    runtime = environment.runtime
    if environment.directory is None:
        again = "install glueprint[local,glue] again in this Python"
    else:
        again = f"glueprint runtime rm {runtime.name} && glueprint runtime add {runtime.name}"
    if name == "java":
        return f"set JAVA_HOME to a Java {runtime.java}, or {again}"
    if name == "spark" and os.environ.get("JAVA_HOME"):
        return f"JAVA_HOME is set: unset it, or set it to a Java {runtime.java}; else {again}"
    return again


def _text(output: bytes | str | None) -> str:
    return output.decode(errors="replace") if isinstance(output, bytes) else output or ""
