"""What holds for every test: no deadline per example, nothing left behind, one Spark for all who ask."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from hypothesis import HealthCheck, settings

if sys.version_info >= (3, 11):
    from glueprint.local.executors.environments import own_class_archive
else:  # `make runtimes` runs the job side's tests on each Python that jobs have

    def own_class_archive() -> Path | None:
        """Return None: the local Glue, which makes archives, does not run here."""


if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# The machine is shared: how long an example takes says nothing about it. CI repeats the same examples.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("here"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")

# A shell starts what runs in its background with SIGINT ignored; so would be every program that a test interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A server that a test starts warms nothing up unless the test requires it: that would take cores from all others.
os.environ.setdefault("GLUEPRINT_WARM_WORKERS", "0")
# The user's own caches are neither used nor filled. `make test` makes a class-data archive in this one: half the
# work of a Spark job's start.
os.environ["XDG_CACHE_HOME"] = os.environ.get(
    "GLUEPRINT_TEST_CACHE", str(Path(__file__).parents[1] / ".venv" / "cache")
)
_archive = own_class_archive()
os.environ.setdefault("GLUEPRINT_CLASS_ARCHIVE", "1" if _archive is not None and _archive.exists() else "0")

SETTLE_SECONDS = 60.0
SPARK_SECONDS = 1200.0
"""What a test with a real Spark may take: where it takes 20 s alone, minutes on a small machine that is busy."""
PYSPARKS_WARNINGS = (
    # It leaves the sockets through which it collects to the garbage collector.
    ("unclosed <socket\\.socket.*127\\.0\\.0\\.1", ResourceWarning),
    # Amazon's package makes DataFrames and contexts as it did before Spark 3.
    ("DataFrame constructor is internal", UserWarning),
    ("Deprecated in 3\\.0\\.0", FutureWarning),
)
"""Warnings of PySpark that cannot be avoided here: the start of the text, the class."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Files with Spark in them take longest: they go first, so that no worker ends alone with one of them."""
    with_spark = [item for item in items if item.get_closest_marker("spark")]
    for item in with_spark:
        item.add_marker(pytest.mark.timeout(max(SPARK_SECONDS, config.getoption("timeout", None) or 0)))
    long = {item.path for item in with_spark}
    items.sort(key=lambda item: item.path not in long)


@pytest.fixture(scope="session", autouse=True)
def nothing_is_left_behind() -> Iterator[None]:
    """No test leaves a process or a thread (project rule); fails the run's last test otherwise."""
    threads_before = set(threading.enumerate())
    children_before = {child.pid for child in psutil.Process().children(recursive=True)}
    yield
    deadline = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < deadline:
        threads = [one.name for one in threading.enumerate() if one not in threads_before]
        children = [
            f"{child.pid} {child.name()}"
            for child in psutil.Process().children(recursive=True)
            if child.pid not in children_before and child.status() != psutil.STATUS_ZOMBIE
        ]
        if not threads and not children:
            return
        time.sleep(0.05)
    pytest.fail(f"left behind: threads {threads}, processes {children}")


@pytest.fixture(scope="session")
def s3_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of the buckets that :func:`spark` sees: ``s3_root / "b" / "k"`` is ``s3://b/k``."""
    return tmp_path_factory.mktemp("s3")


@pytest.fixture(scope="session")
def spark(
    nothing_is_left_behind: None,
    s3_root: Path,
    tmp_path_factory: pytest.TempPathFactory,
    pytestconfig: pytest.Config,
) -> Iterator[SparkSession]:
    """The one Spark of the test process: brought up as a job's is, Glue's JVM stood in for, two slots."""
    from glueprint.testing.shared_spark import SharedSpark

    for text, kind in PYSPARKS_WARNINGS:
        pytestconfig.addinivalue_line("filterwarnings", f"ignore:{text}:{kind.__name__}")
        warnings.filterwarnings("ignore", text, kind)  # for the test that asks first
    with SharedSpark(s3_root, tmp_path_factory.mktemp("spark")) as shared:
        yield shared.session
