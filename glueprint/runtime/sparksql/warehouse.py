"""The directories behind databases, tables and partitions, through the Hadoop file systems that Spark uses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]

from glueprint.runtime.sparksql.hive import HiveError, MetaError

_UNMOUNTED = "Could not initialize target File System for URI"
"""The message of Hadoop's view file system if no directory is mounted for a bucket."""


class Warehouse(Protocol):
    """Makes and removes directories by their URIs."""

    def make_directory(self, location: str) -> bool:
        """Make the directory ``location`` and its parents; return whether it did not exist."""

    def remove(self, location: str) -> None:
        """Remove ``location`` and everything below it, if it exists."""

    def prepare(self, locations: Iterable[str | None]) -> None:
        """Make ``locations`` available before Spark receives them."""


@contextmanager
def created_directory(warehouse: Warehouse, location: str | None) -> Iterator[None]:
    """Make the directory ``location`` for the duration of its registration; remove it again if that fails."""
    made = location is not None and warehouse.make_directory(location)
    try:
        yield
    except HiveError:
        if made and location is not None:
            warehouse.remove(location)
        raise


class HadoopWarehouse:
    """A :class:`Warehouse` in the JVM of the Spark context that ``context`` returns."""

    def __init__(self, context: Callable[[], Any]) -> None:
        self._context = context

    def make_directory(self, location: str) -> bool:
        """See :class:`Warehouse`."""
        system, path = self._find(location)
        return bool(
            _hadoop_call(
                lambda: not system.exists(path) and system.mkdirs(path), f"cannot make the directory {location}"
            )
        )

    def remove(self, location: str) -> None:
        """See :class:`Warehouse`. A complete bucket is never removed; S3 cannot do that either."""
        system, path = self._find(location)
        if not path.isRoot():
            _hadoop_call(lambda: system.delete(path, True), f"cannot remove the directory {location}")

    def prepare(self, locations: Iterable[str | None]) -> None:
        """See :class:`Warehouse`. A bucket that was created after the start of the job is mounted when py4j sends
        its name to the JVM (``jobhost.bucket_mounter``). Spark's Hive client receives locations without py4j, so
        each bucket is sent once here.
        """
        buckets = {parts[2]: parts for each in locations if each and len(parts := each.split("/", 3)) > 2}
        for scheme, _, bucket, *_ in buckets.values():
            self._context()._jvm.org.apache.hadoop.fs.Path(f"{scheme}//{bucket}/")

    def _find(self, location: str) -> tuple[Any, Any]:
        spark = self._context()
        path = spark._jvm.org.apache.hadoop.fs.Path(location)
        configuration = spark._jsc.hadoopConfiguration()
        return _hadoop_call(lambda: path.getFileSystem(configuration), f"cannot reach {location}"), path


def _hadoop_call(action: Callable[[], Any], what: str) -> Any:
    try:
        return action()
    except Py4JJavaError as error:
        reason = error.java_exception.toString()
        if _UNMOUNTED in reason:
            reason = "NoSuchBucket: the specified bucket does not exist"
        raise MetaError(f"{what}: {reason}") from error
