"""What Spark's inference hides: whether its ``bigint``, ``double`` and ``string`` columns are one type for Glue.

Spark widens where records disagree: integers of any size are ``bigint``, with fractions among them ``double``,
and anything else ``string``. Glue would see choices. One aggregate over the data, inside the JVM, tells which
columns are what they seem; only a column of texts that has other values among them needs the slow way
(docs/decisions/json-reading.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812 - as everywhere in Spark's own documents
from pyspark.sql import types as spark

from glueprint.runtime.frames import json_spark, types
from glueprint.runtime.frames.json_spark import JsonFiles
from glueprint.runtime.frames.typed_columns import top_level

_FRACTIONS = (spark.DoubleType, spark.DecimalType)
_KINDS: dict[str, types.Type] = {
    "boolean": types.BOOLEAN,
    "double": types.DOUBLE,
    "int": types.INT,
    "long": types.LONG,
    "string": types.STRING,
}
_NUMBER = r"^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$"

Place = tuple[str, ...]
"""Names on the way to a column; ``[]`` for an array's elements."""
Test = Callable[[Column], Column]


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A place whose values have no parts, what Spark found there, and how to ask whether any passes a test."""

    place: Place
    type: spark.DataType
    any: Callable[[Test], Column]


def probe(files: JsonFiles, inferred: spark.StructType) -> types.Struct | None:
    """Glue's schema of ``files``, of which Spark found ``inferred``; nothing when only Python can tell."""
    passed = _ask(files, inferred, _as_text, _tests)
    if any("nested" in tests for tests in passed.values()):
        return None
    doubtful = {place for place, tests in passed.items() if tests & {"number", "truth"}}
    if doubtful and _others(files, inferred, doubtful):
        return None
    return types.Struct(tuple(_fields(inferred, (), passed)))


def _others(files: JsonFiles, inferred: spark.StructType, places: set[Place]) -> bool:
    """Whether at these places, where texts look like numbers and truths, any is one and no text."""
    for candidate in (spark.DoubleType(), spark.BooleanType()):

        def read_as(place: Place, _: spark.DataType, to: spark.DataType = candidate) -> spark.DataType | None:
            return to if place in places else None

        if any(_ask(files, inferred, read_as, lambda _: {"some": _is_some}).values()):
            return True
    return False


def _ask(
    files: JsonFiles,
    inferred: spark.StructType,
    read_as: Callable[[Place, spark.DataType], spark.DataType | None],
    tests: Callable[[spark.DataType], dict[str, Test]],
) -> dict[Place, set[str]]:
    """The names of the tests that any record passes, by place: one pass over the files.

    Args:
        files: what to read.
        inferred: Spark's own schema of them.
        read_as: as which type to read the values at a place; None leaves it out.
        tests: what to ask of values of an inferred type.
    """
    leaves = [leaf for leaf in _leaves(inferred) if read_as(leaf.place, leaf.type) is not None]
    asked = [(leaf, name, test) for leaf in leaves for name, test in tests(leaf.type).items()]
    answers: dict[Place, set[str]] = {leaf.place: set() for leaf in leaves}
    schema = _retyped(inferred, (), read_as)
    if asked and isinstance(schema, spark.StructType):
        columns = [F.max(leaf.any(test)).alias(str(at)) for at, (leaf, _, test) in enumerate(asked)]
        row = files.parsed(schema).agg(*columns).head()
        assert row is not None
        for (leaf, name, _), passed in zip(asked, row, strict=True):
            if passed:
                answers[leaf.place].add(name)
    return answers


def _leaves(schema: spark.StructType) -> Iterator[_Leaf]:
    for field in schema.fields:
        yield from _below(field.dataType, (field.name,), partial(_at_top, field.name))


def _below(found: spark.DataType, place: Place, any_of: Callable[[Test], Column]) -> Iterator[_Leaf]:
    match found:
        case spark.StructType():
            for field in found.fields:
                yield from _below(field.dataType, (*place, field.name), partial(_in_field, any_of, field.name))
        case spark.ArrayType():
            yield from _below(found.elementType, (*place, "[]"), partial(_in_elements, any_of))
        case _:
            yield _Leaf(place, found, any_of)


def _at_top(name: str, test: Test) -> Column:
    return test(top_level(name))


def _in_field(any_of: Callable[[Test], Column], name: str, test: Test) -> Column:
    return any_of(lambda column: test(column.getField(name)))


def _in_elements(any_of: Callable[[Test], Column], test: Test) -> Column:
    return any_of(lambda column: F.exists(column, test))


def _retyped(
    found: spark.DataType, place: Place, read_as: Callable[[Place, spark.DataType], spark.DataType | None]
) -> spark.DataType | None:
    match found:
        case spark.StructType():
            fields = [(one.name, _retyped(one.dataType, (*place, one.name), read_as)) for one in found.fields]
            kept = [spark.StructField(name, one) for name, one in fields if one is not None]
            return spark.StructType(kept) if kept else None
        case spark.ArrayType():
            element = _retyped(found.elementType, (*place, "[]"), read_as)
            return None if element is None else spark.ArrayType(element)
        case _:
            return read_as(place, found)


def _as_text(_: Place, found: spark.DataType) -> spark.DataType:
    """Numbers that may have fractions are looked at as text: it tells 1 from 1.0."""
    return spark.StringType() if isinstance(found, _FRACTIONS) else found


def _begins(column: Column, characters: str) -> Column:
    """Whether a text begins with one of ``characters``: much cheaper than the expression that may follow."""
    return F.substring(column, 1, 1).isin(*characters)


def _is_some(column: Column) -> Column:
    return column.isNotNull()


def _tests(found: spark.DataType) -> dict[str, Test]:
    """What to ask of values that Spark found to be of this type."""
    if isinstance(found, spark.LongType):
        return {"int": json_spark.fits_int, "long": lambda column: ~json_spark.fits_int(column)}
    if isinstance(found, _FRACTIONS):
        return {
            "int": json_spark.is_int,
            "long": json_spark.is_long,
            "double": lambda column: ~json_spark.is_int(column) & ~json_spark.is_long(column),
        }
    if isinstance(found, spark.StringType):
        return {
            "string": _is_some,
            "number": lambda column: _begins(column, "-0123456789") & column.rlike(_NUMBER),
            "truth": lambda column: column.isin("true", "false"),
            "nested": lambda column: _begins(column, "[{"),
        }
    return {"boolean": _is_some}


def _fields(found: spark.StructType, place: Place, passed: dict[Place, set[str]]) -> Iterator[types.Field]:
    for field in found.fields:
        yield types.Field(field.name, _type(field.dataType, (*place, field.name), passed))


def _type(found: spark.DataType, place: Place, passed: dict[Place, set[str]]) -> types.Type:
    match found:
        case spark.StructType():
            return types.Struct(tuple(_fields(found, place, passed)))
        case spark.ArrayType():
            return types.Array(_type(found.elementType, (*place, "[]"), passed))
        case _:
            kinds = [one for name, one in _KINDS.items() if name in passed[place]]
            if not kinds:
                return types.NULL
            return kinds[0] if len(kinds) == 1 else types.choice(kinds)
