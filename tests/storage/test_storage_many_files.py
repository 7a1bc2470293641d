"""Many small files cost no Spark task and no call of Java each. Counts tasks and calls at two sizes; no times."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import py4j.java_gateway
import pytest
from pyspark.sql import SparkSession

from glueprint.runtime.bookmarks import Bookmarks
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.storage.chosen_files import FileReader
from glueprint.runtime.storage.connections import connection
from glueprint.runtime.storage.endpoints import Services
from glueprint.runtime.storage.options import Options

pytestmark = pytest.mark.spark

_SIZES = (40, 80)
"""Numbers of files. Above 32 paths Spark lists them with a task for each
(``spark.sql.sources.parallelPartitionDiscovery.threshold``).
"""
_LINES = 60
"""Lines of a file: more in all than the driver reads to find the types of JSON (``json_reading``)."""


@dataclass
class _Work:
    """What the driver had to do.

    Attributes:
        tasks: Spark's tasks.
        calls: commands that Python sent to Java.
    """

    tasks: int = 0
    calls: int = 0


@contextmanager
def _counted(spark: SparkSession) -> Iterator[_Work]:
    """Count what is done within the block."""
    work, client = _Work(), py4j.java_gateway.GatewayClient
    send = client.send_command

    def counting(self: Any, command: str, *arguments: Any, **named: Any) -> Any:
        work.calls += not command.startswith("m\n")  # the memory of collected objects
        return send(self, command, *arguments, **named)

    store = spark._jsc.sc().statusStore()
    before = _tasks(store)
    client.send_command = counting
    try:
        yield work
    finally:
        client.send_command = send
    spark._jsc.sc().listenerBus().waitUntilEmpty()
    work.tasks = _tasks(store) - before


def _tasks(store: Any) -> int:
    jobs = store.jobsList(None)
    return sum(jobs.apply(at).numTasks() for at in range(jobs.size()))


def _frame(spark: SparkSession, folder: Path, format_name: str, **format_options: Any) -> Frame:
    services = Services(spark, Bookmarks(), lambda _: None, "a-job", "jr_1")
    given = Options({"paths": [str(folder)], "groupFiles": "inPartition"})
    source = connection("file").source(services, given, "", "")
    source.format_name, source.format_options = format_name, Options(format_options)
    return source.frame()


def _files(folder: Path, count: int, suffix: str, line: Callable[[int], str]) -> Path:
    folder.mkdir()
    for number in range(count):
        text = "".join(line(number * _LINES + at) + "\n" for at in range(_LINES))
        (folder / f"{number:03d}.{suffix}").write_bytes(gzip.compress(text.encode(), 1))
    return folder


_KINDS = {
    "json": (lambda number: f'{{"id": {number}}}', {}),
    "csv": (lambda number: f"{number},x", {}),
    "csv header": (lambda number: f"{number},x" if number % _LINES else "id,name", {"withHeader": True}),
}


@pytest.mark.parametrize("kind", _KINDS)
def test_a_file_costs_no_task_and_no_call(spark: SparkSession, tmp_path: Path, kind: str) -> None:
    """With twice the files, finding the columns and reading them sends the same number of commands to Java, and
    starts far fewer tasks than there are files: Spark packs small files
    (https://spark.apache.org/docs/3.5.6/sql-performance-tuning.html, ``spark.sql.files.openCostInBytes``).
    """
    line, options = _KINDS[kind]
    found: list[_Work] = []
    for count in _SIZES:
        folder = _files(tmp_path / str(count), count, f"{kind}.gz", line)
        lines = _LINES - len(options)
        with _counted(spark) as work:
            assert _frame(spark, folder, kind.split()[0], **options).data.count() == count * lines
        found.append(work)
        assert work.tasks < count, (count, work)
    few, many = found
    assert many.calls - few.calls < _SIZES[0] / 2, found
    assert many.tasks - few.tasks < _SIZES[0] / 2, found


def test_grouped_files_are_counted_without_their_types(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``groupFiles`` changes only how files are packed ("Reading input files in larger groups"): a count reads
    them once and infers nothing, since a schema is computed when it is required (Scala API, "DynamicFrame class").
    """
    read: list[str] = []
    for name in ("load", "inferred"):
        original = getattr(FileReader, name)

        def noted(*arguments: Any, name: str = name, original: Any = original) -> Any:
            read.append(name)
            return original(*arguments)

        monkeypatch.setattr(FileReader, name, noted)
    folder = _files(tmp_path / "in", _SIZES[0], "json.gz", _KINDS["json"][0])
    frame = _frame(spark, folder, "json")
    assert read == []
    assert frame.count() == _SIZES[0] * _LINES
    assert frame.repartition(3).coalesce(2, shuffle=False).count() == _SIZES[0] * _LINES
    assert read == ["load", "load"]
    assert frame.partition_count() <= spark.sparkContext.defaultParallelism
    assert "inferred" in read
