"""The directories behind databases, tables and partitions, through the Hadoop file systems that Spark uses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]

from glueprint.runtime.sparksql.hive import HiveError, MetaError

_UNMOUNTED = "Could not initialize target File System for URI"
"""How Hadoop's view file system says that nothing is mounted for a bucket."""


class Warehouse(Protocol):
    """Makes and removes directories by their URIs."""

    def make_directory(self, location: str) -> bool:
        """Make ``location`` and what lies above it; whether it was not there."""

    def remove(self, location: str) -> None:
        """Remove ``location`` and everything below; it need not be there."""

    def expect(self, locations: Iterable[str | None]) -> None:
        """Spark is about to be told of ``locations``."""


@contextmanager
def made(warehouse: Warehouse, location: str | None) -> Iterator[None]:
    """Have ``location`` in place while what lies there is registered. If that fails, it is as it was."""
    fresh = location is not None and warehouse.make_directory(location)
    try:
        yield
    except HiveError:
        if fresh and location is not None:
            warehouse.remove(location)
        raise


class HadoopWarehouse:
    """A :class:`Warehouse` in the JVM of the running Spark, which ``context`` gives."""

    def __init__(self, context: Callable[[], Any]) -> None:
        self._context = context

    def make_directory(self, location: str) -> bool:
        """See :class:`Warehouse`."""
        system, path = self._find(location)
        return bool(
            _told(
                lambda: not system.exists(path) and system.mkdirs(path), f"cannot make the directory {location}"
            )
        )

    def remove(self, location: str) -> None:
        """See :class:`Warehouse`. A whole bucket is never removed: nor could S3 do that."""
        system, path = self._find(location)
        if not path.isRoot():
            _told(lambda: system.delete(path, True), f"cannot remove the directory {location}")

    def expect(self, locations: Iterable[str | None]) -> None:
        """See :class:`Warehouse`. Spark's Hive client hears of them beside py4j, which is where a bucket that came
        into being later is noticed and mounted (``jobhost.buckets``): so each bucket is said there once.
        """
        buckets = {parts[2]: parts for each in locations if each and len(parts := each.split("/", 3)) > 2}
        for scheme, _, bucket, *_ in buckets.values():
            self._context()._jvm.org.apache.hadoop.fs.Path(f"{scheme}//{bucket}/")

    def _find(self, location: str) -> tuple[Any, Any]:
        spark = self._context()
        path = spark._jvm.org.apache.hadoop.fs.Path(location)
        configuration = spark._jsc.hadoopConfiguration()
        return _told(lambda: path.getFileSystem(configuration), f"cannot reach {location}"), path


def _told(action: Callable[[], Any], what: str) -> Any:
    try:
        return action()
    except Py4JJavaError as error:
        reason = error.java_exception.toString()
        if _UNMOUNTED in reason:
            reason = "NoSuchBucket: the specified bucket does not exist"
        raise MetaError(f"{what}: {reason}") from error
