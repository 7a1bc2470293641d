"""Detection of choices that Spark's inference hides in ``bigint``, ``double`` and ``string`` columns.

Where records have different types Spark uses a wider one: integers of any size are ``bigint``, with fractions
among them ``double``, and everything else ``string``. Glue has choices there. One aggregate over the data,
inside the JVM, finds the columns that have one type; only a column in which texts and other values are mixed
needs the slow way (docs/decisions/json-reading.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812 - as everywhere in Spark's own documents
from pyspark.sql import types as spark

from glueprint.compat import strict_zip
from glueprint.runtime.frames import json_spark, types
from glueprint.runtime.frames.json_spark import JsonFiles
from glueprint.runtime.frames.typed_columns import column_by_name

_FRACTIONS = (spark.DoubleType, spark.DecimalType)
_KINDS: dict[str, types.Type] = {
    "boolean": types.BOOLEAN,
    "double": types.DOUBLE,
    "int": types.INT,
    "long": types.LONG,
    "string": types.STRING,
}
_NUMBER = r"^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$"

Path = tuple[str, ...]
"""The names on the path to a column; ``[]`` for the elements of an array."""
Test = Callable[[Column], Column]


@dataclass(frozen=True)
class _Leaf:
    """A path to values without parts, their type in Spark, and a function that tests whether any value passes a
    test.
    """

    path: Path
    type: spark.DataType
    any: Callable[[Test], Column]


def probe(files: JsonFiles, inferred: spark.StructType) -> types.Struct | None:
    """Return Glue's schema of ``files``, for which Spark inferred ``inferred``, or None if only Python can
    determine it.
    """
    passed = _passed_tests(files, inferred, _as_text, _tests)
    if any("nested" in tests for tests in passed.values()):
        return None
    doubtful = {path for path, tests in passed.items() if tests & {"number", "boolean text"}}
    if doubtful and _has_other_values(files, inferred, doubtful):
        return None
    return types.Struct(tuple(_fields(inferred, (), passed)))


def _has_other_values(files: JsonFiles, inferred: spark.StructType, paths: set[Path]) -> bool:
    """Return whether any value at these paths, whose texts look like numbers or booleans, is not a text."""
    for candidate in (spark.DoubleType(), spark.BooleanType()):

        def read_as(path: Path, _: spark.DataType, to: spark.DataType = candidate) -> spark.DataType | None:
            return to if path in paths else None

        if any(_passed_tests(files, inferred, read_as, lambda _: {"some": _is_some}).values()):
            return True
    return False


def _passed_tests(
    files: JsonFiles,
    inferred: spark.StructType,
    read_as: Callable[[Path, spark.DataType], spark.DataType | None],
    tests: Callable[[spark.DataType], dict[str, Test]],
) -> dict[Path, set[str]]:
    """Return the names of the tests that any record passes, by path: one pass over the files.

    Args:
        files: the files to read.
        inferred: Spark's own schema of them.
        read_as: returns the type to read the values at a path as, or None to leave them out.
        tests: returns the tests for values of an inferred type.
    """
    leaves = [leaf for leaf in _leaves(inferred) if read_as(leaf.path, leaf.type) is not None]
    planned = [(leaf, name, test) for leaf in leaves for name, test in tests(leaf.type).items()]
    passed_by_path: dict[Path, set[str]] = {leaf.path: set() for leaf in leaves}
    schema = _retyped(inferred, (), read_as)
    if planned and isinstance(schema, spark.StructType):
        columns = [F.max(leaf.any(test)).alias(str(at)) for at, (leaf, _, test) in enumerate(planned)]
        row = files.parsed(schema).agg(*columns).head()
        assert row is not None
        for (leaf, name, _), passed in strict_zip(planned, row):
            if passed:
                passed_by_path[leaf.path].add(name)
    return passed_by_path


def _leaves(schema: spark.StructType) -> Iterator[_Leaf]:
    for field in schema.fields:
        yield from _below(field.dataType, (field.name,), partial(_at_top, field.name))


def _below(found: spark.DataType, path: Path, any_of: Callable[[Test], Column]) -> Iterator[_Leaf]:
    if isinstance(found, spark.StructType):
        for field in found.fields:
            yield from _below(field.dataType, (*path, field.name), partial(_in_field, any_of, field.name))
    elif isinstance(found, spark.ArrayType):
        yield from _below(found.elementType, (*path, "[]"), partial(_in_elements, any_of))
    else:
        yield _Leaf(path, found, any_of)


def _at_top(name: str, test: Test) -> Column:
    return test(column_by_name(name))


def _in_field(any_of: Callable[[Test], Column], name: str, test: Test) -> Column:
    return any_of(lambda column: test(column.getField(name)))


def _in_elements(any_of: Callable[[Test], Column], test: Test) -> Column:
    return any_of(lambda column: F.exists(column, test))


def _retyped(
    found: spark.DataType, path: Path, read_as: Callable[[Path, spark.DataType], spark.DataType | None]
) -> spark.DataType | None:
    if isinstance(found, spark.StructType):
        fields = [(one.name, _retyped(one.dataType, (*path, one.name), read_as)) for one in found.fields]
        kept = [spark.StructField(name, one) for name, one in fields if one is not None]
        return spark.StructType(kept) if kept else None
    if isinstance(found, spark.ArrayType):
        element = _retyped(found.elementType, (*path, "[]"), read_as)
        return None if element is None else spark.ArrayType(element)
    return read_as(path, found)


def _as_text(_: Path, found: spark.DataType) -> spark.DataType:
    """Numbers that may have fractions are read as text, which distinguishes 1 from 1.0."""
    return spark.StringType() if isinstance(found, _FRACTIONS) else found


def _starts_with(column: Column, characters: str) -> Column:
    """Return whether a text starts with one of ``characters``: much cheaper than the expression that may
    follow.
    """
    return F.substring(column, 1, 1).isin(*characters)


def _is_some(column: Column) -> Column:
    return column.isNotNull()


def _tests(found: spark.DataType) -> dict[str, Test]:
    """The tests for values that Spark inferred to be of this type."""
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
            "number": lambda column: _starts_with(column, "-0123456789") & column.rlike(_NUMBER),
            "boolean text": lambda column: column.isin("true", "false"),
            "nested": lambda column: _starts_with(column, "[{"),
        }
    return {"boolean": _is_some}


def _fields(found: spark.StructType, path: Path, passed: dict[Path, set[str]]) -> Iterator[types.Field]:
    for field in found.fields:
        yield types.Field(field.name, _type(field.dataType, (*path, field.name), passed))


def _type(found: spark.DataType, path: Path, passed: dict[Path, set[str]]) -> types.Type:
    if isinstance(found, spark.StructType):
        return types.Struct(tuple(_fields(found, path, passed)))
    if isinstance(found, spark.ArrayType):
        return types.Array(_type(found.elementType, (*path, "[]"), passed))
    kinds = [one for name, one in _KINDS.items() if name in passed[path]]
    if not kinds:
        return types.NULL
    return kinds[0] if len(kinds) == 1 else types.choice(kinds)
