"""JSON as Glue reads it: the types of every record, disagreements as choices, lines that are no JSON as errors.

Three ways to the schema, the cheapest that can tell
(docs/decisions/json-reading.md): few lines are looked at by Python at once; of
more, Spark's inference is probed; only if texts and other values share a field does Python look at every record.
The schema is found when somebody asks for it, as in Glue: counting records takes no inference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pyspark import RDD
from pyspark.sql import Column, Row, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - as everywhere in Spark's own documents

from glueprint.runtime.frames import json_probe, json_spark, json_text, records, types
from glueprint.runtime.frames.error_records import CallSite, Errors, StageErrors, error_record
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.inference import Shape
from glueprint.runtime.frames.json_spark import CORRUPT, JsonFiles, JsonPaths
from glueprint.runtime.frames.json_text import JsonPath, Malformed

FEW = 2_000
"""Lines that Python looks at while Spark would still be planning a job."""
_MESSAGE = "error in jackson reader"
"""What Glue says of text that is no JSON (developer guide, example of errorsAsDynamicFrame)."""
_NEXT = r"\}\s*[{\[]"
"""An object and, without a comma between them, what may be the next: of these Spark reads the first. A text that
looks so costs time and changes nothing."""

Parse = Callable[[str], Iterator[dict[str, Any] | Malformed]]


def read_json(
    session: SparkSession,
    paths: list[str],
    *,
    multiline: bool = False,
    json_path: str | None = None,
    name: str = "",
) -> Frame:
    """The frame of JSON files that Spark finds at ``paths``. See :func:`read_json_files`."""
    return read_json_files(JsonPaths(session, paths), multiline=multiline, json_path=json_path, name=name)


def read_json_files(
    files: JsonFiles, *, multiline: bool = False, json_path: str | None = None, name: str = ""
) -> Frame:
    """The frame of JSON files, its schema found when it is needed.

    Args:
        files: which, and the columns that records have besides.
        multiline: a record may go over several lines (format option ``multiline``).
        json_path: where in a file the records are (format option ``jsonPath``).
        name: the frame's name.

    Raises:
        json_text.BadJsonPath: the path cannot be followed here.
    """
    if multiline or json_path is not None:
        path = None if json_path is None else JsonPath.parse(json_path)
        return _by_python(files, _Documents(path), whole=True, name=name)
    return Frame.later(lambda: _lines(files, name), count=lambda: _count(files), name=name)


def _lines(files: JsonFiles, name: str) -> Frame:
    head = [row.value for row in files.texts(whole=False).select("value").limit(FEW + 1).collect()]
    shape, one_each = _look(head)
    schema: types.Struct | None = shape.struct()
    if not one_each or not json_spark.possible(shape.struct()):
        schema = None  # which more lines would not change
    elif len(head) > FEW:
        schema = _probed(files, shape.struct())
    if schema is None or not json_spark.possible(schema):
        return _by_python(files, json_text.of_text, whole=False, name=name)
    keys = {key.name for key in files.keys}  # they win over fields of the same name
    schema = types.Struct(tuple(one for one in schema if one.name not in keys))
    return json_spark.read(files, schema).named(name)


def _look(lines: Iterable[str]) -> tuple[Shape, bool]:
    """What records a few lines hold, and whether each line is one record at most."""
    shape, one_each = Shape(), True
    for line in lines:
        found = list(json_text.of_text(line))
        one_each = one_each and len(found) < 2
        for record in found:
            if isinstance(record, Malformed):
                one_each = False
            else:
                shape.see(record)
    return shape, one_each


def _probed(files: JsonFiles, first: types.Struct) -> types.Struct | None:
    """The schema that Spark's inference and the probe agree on, in the order of the ``first`` records."""
    inferred = files.inferred()
    if inferred is None or CORRUPT in inferred.names or _asked(files, _several)[0]:
        return None
    found = json_probe.probe(files, inferred)
    return None if found is None else _in_order(found, first)


def _in_order(found: types.Struct, first: types.Type | None) -> types.Struct:
    """Spark's fields are in alphabetical order; Glue's are in the order in which they came up."""
    known = _struct_in(first)
    order = {name: at for at, name in enumerate(known.names)}
    fields = sorted(found, key=lambda one: order.get(one.name, len(order)))
    return types.Struct(tuple(types.Field(one.name, _inner(one.type, known.get(one.name))) for one in fields))


def _inner(found: types.Type, first: types.Type | None) -> types.Type:
    match found:
        case types.Struct():
            return _in_order(found, first)
        case types.Array(element):
            return types.Array(_inner(element, first.element if isinstance(first, types.Array) else None))
        case _:
            return found


def _struct_in(first: types.Type | None) -> types.Struct:
    return first if isinstance(first, types.Struct) else types.Struct()


def _count(files: JsonFiles) -> int:
    """How many records there are, found without their types."""
    several, objects = _asked(files, _several, lambda line: F.count_if(F.json_object_keys(line).isNotNull()))
    return _by_python(files, json_text.of_text, whole=False, name="").count() if several else int(objects)


def _several(line: Column) -> Column:
    """Whether any line may hold several records: an array, or values that follow each other."""
    return F.max(F.ltrim(line).startswith("[") | line.rlike(_NEXT))


def _asked(files: JsonFiles, *questions: Callable[[Column], Column]) -> Row:
    """Aggregates of the lines: one pass."""
    row = files.texts(whole=False).agg(*(one(F.col("value")) for one in questions)).head()
    assert row is not None
    return row


@dataclass(frozen=True, slots=True)
class _Documents:
    """The records of a whole file."""

    path: JsonPath | None

    def __call__(self, text: str) -> Iterator[dict[str, Any] | Malformed]:
        return json_text.of_text(text, self.path)


def _by_python(files: JsonFiles, parse: Parse, *, whole: bool, name: str) -> Frame:
    """The records as Python reads them."""
    keys = files.keys
    texts = files.texts(whole=whole).rdd
    read = texts.mapPartitions(lambda rows: _read(rows, parse, [one.name for one in keys]))
    good: RDD[dict[str, Any]] = read.filter(lambda one: not isinstance(one, Malformed))
    bad = read.filter(lambda one: isinstance(one, Malformed)).map(
        lambda one: error_record(f"{_MESSAGE}: {one.reason}", CallSite(), text=one.text)
    )

    def make() -> Frame:
        found = records.infer(good)
        own = tuple(one for one in found if one.name not in {key.name for key in keys})
        errors = Errors(StageErrors(bad))
        return records.of_type(files.session, good, types.Struct((*own, *keys)), name=name, errors=errors)

    return Frame.later(make, count=good.count, records=good, name=name)


def _read(rows: Iterable[Row], parse: Parse, keys: list[str]) -> Iterator[dict[str, Any] | Malformed]:
    for row in rows:
        for record in parse(row.value):
            if keys and isinstance(record, dict):
                record.update((key, row[key]) for key in keys)
            yield record
