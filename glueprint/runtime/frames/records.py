"""Frames made of Python records: what ``map`` and ``filter`` give, and what Spark has no reader for.

Their schema takes a pass over the records, so it is found only when somebody asks; a chain of maps hands records
on without it. The records are kept in Spark's cache from then on, so that a script's function runs once for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pyspark import RDD, StorageLevel
from pyspark.sql import SparkSession

from glueprint.runtime.frames import record_values, types
from glueprint.runtime.frames.error_records import (
    NO_ERRORS,
    CallSite,
    Errors,
    StageErrors,
    Thresholds,
    error_record,
)
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.inference import Shape

Record = dict[str, Any]


def from_records(
    session: SparkSession, records: RDD[Record], *, name: str = "", errors: Errors = NO_ERRORS
) -> Frame:
    """The frame of plain records: types from their values, disagreements are choices."""

    def make() -> Frame:
        schema = infer(records)
        return of_type(session, records, schema, name=name, errors=errors)

    return Frame.later(make, count=records.count, records=records, name=name)


def of_type(
    session: SparkSession,
    records: RDD[Record],
    schema: types.Struct,
    *,
    name: str = "",
    errors: Errors = NO_ERRORS,
) -> Frame:
    """The frame of plain records whose types are known."""
    rows = records.mapPartitions(lambda part: record_values.rows(schema, part))
    data = session.createDataFrame(rows, types.physical_struct(schema), verifySchema=False)
    return Frame(data, schema, name, errors)


def infer(records: RDD[Record]) -> types.Struct:
    """The schema of plain records: one pass over them."""
    shape = Shape()
    for seen in records.mapPartitions(_shape).collect():
        shape.join(seen)
    return shape.struct()


def _shape(records: Iterable[Record]) -> Iterator[Shape]:
    shape = Shape()
    for record in records:
        shape.see(record)
    yield shape


def to_records(frame: Frame) -> RDD[Record]:
    """The records of ``frame`` as plain Python."""
    if frame.records is not None:
        return frame.records
    schema = frame.schema
    return frame.data.rdd.mapPartitions(lambda part: record_values.plain_records(schema, part))


def mapped(
    session: SparkSession,
    origin: Frame,
    results: RDD[dict[str, Any]],
    site: CallSite,
    thresholds: Thresholds,
    *,
    name: str = "",
) -> Frame:
    """What a script's function made of the records of ``origin``.

    Args:
        session: the running session.
        origin: the frame before.
        results: ``{"record": ..., "isError": ..., "errorMessage": ...}``, as Amazon's package leaves them.
        site: where the script called.
        thresholds: how many errors are too many.
        name: of the new frame.
    """
    kept = results.persist(StorageLevel.MEMORY_AND_DISK)
    good = kept.filter(lambda one: not one.get("isError")).map(lambda one: one["record"])
    failed = kept.filter(lambda one: bool(one.get("isError"))).map(
        lambda one: error_record(str(one.get("errorMessage", "")), site, record=one.get("record"))
    )
    stage = StageErrors(failed, thresholds)

    def make() -> Frame:
        errors = origin.errors.then(stage)
        errors.check(thresholds)
        return of_type(session, good, infer(good), name=name, errors=errors)

    return Frame.later(make, count=good.count, records=good, name=name)


def errors_of(session: SparkSession, frame: Frame) -> Frame:
    """The errors on the way to ``frame``, a record each, in a field ``error``."""
    stages = [stage.records for stage in frame.errors.stages]
    records: RDD[Record] = session.sparkContext.union(stages) if stages else session.sparkContext.emptyRDD()
    return from_records(session, records.map(lambda one: {"error": one}), name=frame.name)
