"""JSON as Glue reads it: each record has its own types, different types become choices, invalid lines become
errors.

There are three ways to find the schema, and the cheapest sufficient one is used
(docs/decisions/json-reading.md): Python reads the lines if they are few; for more lines, Spark's inference is
checked with ``json_probe``; only if a field has texts and other values does Python read every record. The
schema is inferred when it is first used, as in Glue: counting records needs no inference.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Union

from pyspark import RDD
from pyspark.sql import Column, Row, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - as everywhere in Spark's own documents

from glueprint.runtime.frames import json_probe, json_spark, json_text, records, types
from glueprint.runtime.frames.error_records import CallSite, Errors, StageErrors, error_record
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.inference import InferredType
from glueprint.runtime.frames.json_spark import CORRUPT_RECORD, JsonFiles, JsonPaths, TextFiles
from glueprint.runtime.frames.json_text import JsonPath, Malformed
from glueprint.runtime.frames.lost_records import Loss

MAX_SAMPLE_LINES = 2_000
"""The number of lines that Python reads faster than Spark plans a job."""
_MESSAGE = "error in jackson reader"
"""Glue's message for text that is not JSON (developer guide, example of errorsAsDynamicFrame)."""
_READING = "reading JSON"
_NEXT_VALUE = r"\}\s*[{\[]"
"""The end of an object and, without a comma, the start of a next value: Spark reads only the first. A match
inside a text costs time and changes nothing.
"""

_BEGINNING = re.compile(r"(?:^|: )[{\[]")
"""The start of an object or array, alone or after the reason why it is not a record."""

Parse = Callable[[str], Iterator[Union[dict[str, Any], Malformed]]]


def read_json(
    session: SparkSession,
    paths: list[str],
    *,
    multiline: bool = False,
    json_path: str | None = None,
    name: str = "",
) -> Frame:
    """Return the frame of JSON files that Spark finds at ``paths``. See :func:`read_json_files`."""
    return read_json_files(JsonPaths(session, paths), multiline=multiline, json_path=json_path, name=name)


def read_json_files(
    files: JsonFiles, *, multiline: bool = False, json_path: str | None = None, name: str = ""
) -> Frame:
    """Return the frame of JSON files; its schema is inferred when it is first used.

    Args:
        files: the files, and the additional columns of their records.
        multiline: a record may span several lines (format option ``multiline``).
        json_path: the path to the records in a file (format option ``jsonPath``).
        name: the frame's name.

    Raises:
        json_text.BadJsonPath: the path is not supported.
    """
    if multiline or json_path is not None:
        path = None if json_path is None else JsonPath.parse(json_path)
        return _by_python(files, _Documents(path), Loss.of(files.session, _READING), whole=True, name=name)
    loss = Loss.of(files.session, _READING, _remedy)
    python = _PythonReading(files, json_text.parse, loss, whole=False)
    return Frame.lazy(
        lambda: _lines(files, loss, name),
        count=lambda: _count(files, loss),
        # A script's function gets the records with the fields that they have.
        records=lambda: python.good,
        name=name,
    )


def read_documents(files: TextFiles, parse: Parse, *, what: str) -> Frame:
    """Return the records that ``parse`` finds in complete files.

    ``what`` names the reading in the log's report and in error records.
    """
    return _by_python(files, parse, Loss.of(files.session, what), whole=True, name="", message=f"error {what}")


def _lines(files: JsonFiles, loss: Loss, name: str) -> Frame:
    head = [row.value for row in files.texts(whole=False).select("value").limit(MAX_SAMPLE_LINES + 1).collect()]
    inferred, one_each = _infer(head)
    schema: types.Struct | None = inferred.struct()
    if not one_each or not json_spark.is_readable(inferred.struct()):
        schema = None  # more lines would not change that
    elif len(head) > MAX_SAMPLE_LINES:
        schema = _probed(files, inferred.struct())
    if schema is None or not json_spark.is_readable(schema):
        return _by_python(files, json_text.parse, loss, whole=False, name=name)
    schema = types.Struct(types.except_keys(schema, files.keys))
    return json_spark.read_typed(files, schema).renamed(name)


def _infer(lines: Iterable[str]) -> tuple[InferredType, bool]:
    """Return the type of the records in a few lines, and whether each line contains at most one record."""
    inferred, one_each = InferredType(), True
    for line in lines:
        found = list(json_text.parse(line))
        one_each = one_each and len(found) < 2
        for record in found:
            if isinstance(record, Malformed):
                one_each = False
            else:
                inferred.add(record)
    return inferred, one_each


def _probed(files: JsonFiles, first: types.Struct) -> types.Struct | None:
    """Return the schema that Spark's inference and the probe agree on, in the order of the ``first`` records."""
    inferred = files.inferred()
    if inferred is None or CORRUPT_RECORD in inferred.names or not json_spark.has_distinct_names(inferred):
        return None
    if _aggregates(files, _may_have_several_records)[0]:
        return None
    found = json_probe.probe(files, inferred)
    return None if found is None else _in_order(found, first)


def _in_order(found: types.Struct, first: types.Type | None) -> types.Struct:
    """Spark's fields are in alphabetical order, Glue's in the order of their first appearance."""
    known = _struct_in(first)
    order = {name: at for at, name in enumerate(known.names)}
    fields = sorted(found, key=lambda one: order.get(one.name, len(order)))
    return types.Struct(tuple(types.Field(one.name, _inner(one.type, known.get(one.name))) for one in fields))


def _inner(found: types.Type, first: types.Type | None) -> types.Type:
    if isinstance(found, types.Struct):
        return _in_order(found, first)
    if isinstance(found, types.Array):
        return types.Array(_inner(found.element, first.element if isinstance(first, types.Array) else None))
    return found


def _struct_in(first: types.Type | None) -> types.Struct:
    return first if isinstance(first, types.Struct) else types.Struct()


def _count(files: JsonFiles, loss: Loss) -> int:
    """Return the number of records without inferring their types."""
    may_have_several, objects, values = _aggregates(files, _may_have_several_records, _object_count, _value_count)
    if may_have_several:
        return _by_python(files, json_text.parse, loss, whole=False, name="").count()
    if values > objects:
        line = F.col("value")
        others = files.texts(whole=False).where(~_is_object() & _is_value(line)).select(line).head()
        loss.note(values - objects, f"no record: {others[0] if others else ''}")
    return int(objects)


def _object_count(line: Column) -> Column:
    return F.count(F.when(_is_object(), line))


def _value_count(line: Column) -> Column:
    return F.count(F.when(_is_value(line), line))


def _is_object() -> Column:
    return F.expr("json_object_keys(value)").isNotNull()


def _is_value(line: Column) -> Column:
    """Whether a line should be a record: ``null`` is none, and nothing is lost with it."""
    return ~F.trim(line).isin("", "null")


def _may_have_several_records(line: Column) -> Column:
    """Whether any line may contain several records: an array, or values that follow each other."""
    return F.max(F.ltrim(line).startswith("[") | line.rlike(_NEXT_VALUE))


def _aggregates(files: JsonFiles, *aggregates: Callable[[Column], Column]) -> Row:
    """Compute aggregates of the lines in one pass."""
    row = files.texts(whole=False).agg(*(one(F.col("value")) for one in aggregates)).head()
    assert row is not None
    return row


@dataclass(frozen=True)
class _Documents:
    """Parser of the records of a complete file."""

    path: JsonPath | None

    def __call__(self, text: str) -> Iterator[dict[str, Any] | Malformed]:
        return json_text.parse(text, self.path)


@dataclass(frozen=True)
class _PythonReading:
    """The records of files as Python reads them, and what is not a record."""

    files: TextFiles
    parse: Parse
    loss: Loss
    whole: bool
    message: str = _MESSAGE

    @cached_property
    def _found(self) -> RDD[dict[str, Any] | Malformed]:
        parse, keys = self.parse, [one.name for one in self.files.keys]
        texts = self.files.texts(whole=self.whole).rdd
        return self.loss.counted(texts.mapPartitions(lambda rows: _read(rows, parse, keys)), _reason)

    @cached_property
    def good(self) -> RDD[dict[str, Any]]:
        """The records."""
        return self._found.filter(lambda one: not isinstance(one, Malformed))

    @cached_property
    def bad(self) -> RDD[dict[str, Any]]:
        """The errors."""
        message = self.message
        return self._found.filter(lambda one: isinstance(one, Malformed)).map(
            lambda one: error_record(f"{message}: {one.reason}", CallSite(), text=one.text)
        )


def _by_python(
    files: TextFiles, parse: Parse, loss: Loss, *, whole: bool, name: str, message: str = _MESSAGE
) -> Frame:
    """Return the records as Python reads them."""
    reading = _PythonReading(files, parse, loss, whole, message)

    def make() -> Frame:
        found = records.infer(reading.good)
        keys = files.keys
        own = types.except_keys(found, keys)
        errors = Errors(StageErrors(reading.bad))
        return records.of_type(
            files.session, reading.good, types.Struct((*own, *keys)), name=name, errors=errors
        )

    return Frame.lazy(make, count=lambda: reading.good.count(), records=lambda: reading.good, name=name)


def _reason(record: dict[str, Any] | Malformed) -> str | None:
    return f"{record.reason}: {record.text}" if isinstance(record, Malformed) else None


def _remedy(first: str) -> str | None:
    """Return what to do if the first line that is not a record begins one that continues on the next line."""
    text = first.strip()
    if not _BEGINNING.search(text) or text.endswith(("}", "]")):
        return None
    return (
        'if a record spans several lines, set the format option multiline: format_options={"multiline": True} '
        "(from_options; a table of the Data Catalog is read line by line)"
    )


def _read(rows: Iterable[Row], parse: Parse, keys: list[str]) -> Iterator[dict[str, Any] | Malformed]:
    names = {key.lower() for key in keys}
    for row in rows:
        for record in parse(row.value):
            if keys and isinstance(record, dict):
                for name in [one for one in record if one.lower() in names]:
                    del record[name]
                record.update((key, row[key]) for key in keys)
            yield record
