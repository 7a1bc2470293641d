"""Frames made of Python records: the results of ``map`` and ``filter``, and data that Spark has no reader for.

Inference of the schema takes a pass over the records, so it runs only when the schema is first used; a chain of
maps passes records on without a schema. The results of a script's function are kept in Spark's cache, so that
it runs once for each record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pyspark import RDD, StorageLevel
from pyspark.sql import SparkSession

from glueprint.runtime.frames import lost_records, presence, record_values, types
from glueprint.runtime.frames.error_records import (
    NO_ERRORS,
    CallSite,
    Errors,
    StageErrors,
    Thresholds,
    error_record,
)
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.inference import InferredType
from glueprint.runtime.frames.lost_records import Loss

Record = dict[str, Any]


def from_records(
    session: SparkSession,
    records: RDD[Record],
    *,
    name: str = "",
    errors: Errors = NO_ERRORS,
    always_long: bool = False,
) -> Frame:
    """Return the frame of plain records; their types are inferred, and different types become choices.

    ``always_long``: whole numbers are ``long`` whatever their size, for sources with one type of numbers.
    """

    def make() -> Frame:
        schema = infer(records)
        if always_long:
            schema = types.with_long_integers(schema)
        return of_type(session, records, schema, name=name, errors=errors)

    return Frame.lazy(make, count=records.count, records=lambda: records, name=name)


def of_type(
    session: SparkSession,
    records: RDD[Record],
    schema: types.Struct,
    *,
    name: str = "",
    errors: Errors = NO_ERRORS,
) -> Frame:
    """Return the frame of plain records whose types are known."""
    rows = records.mapPartitions(lambda part: record_values.spark_rows(schema, part))
    data = session.createDataFrame(rows, types.physical_struct(schema), verifySchema=False)
    return Frame(data, schema, name, errors)


def infer(records: RDD[Record]) -> types.Struct:
    """Return the schema of plain records: one pass over them."""
    inferred = InferredType()
    for part in records.mapPartitions(_infer_part).collect():
        inferred.merge(part)
    return inferred.struct()


def _infer_part(records: Iterable[Record]) -> Iterator[InferredType]:
    inferred = InferredType()
    for record in records:
        inferred.add(record)
    yield inferred


def to_records(frame: Frame) -> RDD[Record]:
    """Return the records of ``frame`` as plain Python, without the fields that they lack, as far as is known."""
    found = frame.records
    if found is not None:
        return found
    if frame.knows_presence:
        marked = presence.marked(frame)
        wanted = marked.schema
        return marked.data.rdd.mapPartitions(lambda part: presence.plain_records(wanted, part))
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
    """Return the frame of what a script's function returned for the records of ``origin``.

    Args:
        session: the running session.
        origin: the frame before.
        results: ``{"record": ..., "isError": ..., "errorMessage": ...}``, as Amazon's package makes them.
        site: the call in the script.
        thresholds: the numbers of errors that the script allows.
        name: of the new frame.
    """
    watched = Loss.of(session, lost_records.place_of(site)).counted(
        results, lost_records.message_of_result
    )
    kept = watched.persist(StorageLevel.MEMORY_AND_DISK)
    good = kept.filter(lambda one: not one.get("isError")).map(lambda one: one["record"])
    failed = kept.filter(lambda one: bool(one.get("isError"))).map(
        lambda one: error_record(str(one.get("errorMessage", "")), site, record=one.get("record"))
    )
    stage = StageErrors(failed, thresholds)

    def make() -> Frame:
        errors = origin.errors.after(stage)
        errors.check(thresholds)
        return of_type(session, good, infer(good), name=name, errors=errors)

    return Frame.lazy(make, count=good.count, records=lambda: good, name=name)


def errors_of(session: SparkSession, frame: Frame) -> Frame:
    """Return the errors of ``frame`` as a frame, a record each, in a field ``error``."""
    stages = [stage.records for stage in frame.errors.stages]
    records: RDD[Record] = session.sparkContext.union(stages) if stages else session.sparkContext.emptyRDD()
    return from_records(session, records.map(lambda one: {"error": one}), name=frame.name)
