"""Random nested frames for property tests: a schema, and records in the form that Spark accepts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from pyspark.sql import DataFrame, Row, SparkSession

from glueprint.runtime.frames import types
from glueprint.runtime.frames.frame import Frame

Record = dict[str, Any]
NAMES = ["a", "b", "c", "d e", "f`g", "h.i", "J"]
ATOMICS = {
    types.INT: st.integers(-(1 << 31), (1 << 31) - 1),
    types.LONG: st.integers(-(1 << 63), (1 << 63) - 1),
    types.STRING: st.text(alphabet="xyz é\"',\n", max_size=4),
    types.BOOLEAN: st.booleans(),
    types.DOUBLE: st.floats(allow_nan=False, allow_infinity=False, width=32),
}


@dataclass(frozen=True)
class Sample:
    """``records`` as dictionaries; a choice is a dictionary of alternatives, one of them not None."""

    schema: types.Struct
    records: list[Record]

    def frame(self, spark: SparkSession, name: str = "") -> Frame:
        """Return the frame of these records, in their order."""
        rows = [_physical(self.schema, record) for record in self.records]
        return Frame(spark.createDataFrame(rows, types.physical_struct(self.schema)), self.schema, name)


def _physical(logical: types.Type, value: Any) -> Any:
    """Return structs by position, as PySpark does: two fields may differ in case only."""
    if value is None:
        return None
    match logical:
        case types.Struct(fields):
            return tuple(_physical(field.type, value[field.name]) for field in fields)
        case types.Choice(alternatives):
            return tuple(_physical(one, value[one.name]) for one in alternatives)
        case types.Array(element):
            return [_physical(element, one) for one in value]
        case types.Map(inner):
            return {key: _physical(inner, one) for key, one in value.items()}
        case _:
            return value


def plain_value(logical: types.Type, value: Any) -> Any:
    """Return a value without its choices, as a script's function receives it."""
    if value is None:
        return None
    match logical:
        case types.Struct(fields):
            return {field.name: plain_value(field.type, value[field.name]) for field in fields}
        case types.Choice(alternatives):
            found = next(one for one in alternatives if value[one.name] is not None)
            return plain_value(found, value[found.name])
        case types.Array(element):
            return [plain_value(element, one) for one in value]
        case types.Map(inner):
            return {key: plain_value(inner, one) for key, one in value.items()}
        case _:
            return value


def structs(fields: st.SearchStrategy[types.Type], max_fields: int = 3) -> st.SearchStrategy[types.Struct]:
    """Structs of one to ``max_fields`` ``fields``."""
    names = st.lists(st.sampled_from(NAMES), min_size=1, max_size=max_fields, unique=True)
    return names.flatmap(
        lambda chosen: st.tuples(*(fields for _ in chosen)).map(
            lambda drawn: types.Struct(
                tuple(types.Field(name, one) for name, one in zip(chosen, drawn, strict=True))
            )
        )
    )


def choices(alternatives: st.SearchStrategy[types.Type]) -> st.SearchStrategy[types.Choice]:
    """Choices of two or three different ``alternatives``, none of them a choice."""
    plain = alternatives.filter(lambda one: not isinstance(one, types.Choice))
    return st.lists(plain, min_size=2, max_size=3, unique_by=lambda one: one.name).map(types.choice)


def _nested(inner: st.SearchStrategy[types.Type]) -> st.SearchStrategy[types.Type]:
    return st.one_of(
        structs(inner, max_fields=2),
        inner.map(types.Array),
        inner.map(types.Map),
        choices(st.one_of(atomics, inner)),
    )


atomics: st.SearchStrategy[types.Type] = st.sampled_from(list(ATOMICS))
nested: st.SearchStrategy[types.Type] = st.recursive(atomics, _nested, max_leaves=4)


def values(logical: types.Type) -> st.SearchStrategy[Any]:
    """Values of ``logical``, including None."""
    return st.one_of(st.none(), _present(logical))


def _present(logical: types.Type) -> st.SearchStrategy[Any]:
    match logical:
        case types.Struct(fields):
            return st.fixed_dictionaries({field.name: values(field.type) for field in fields})
        case types.Choice(alternatives):
            nothing = {one.name: None for one in alternatives}
            return st.one_of(
                [
                    _present(one).map(lambda value, name=one.name: nothing | {name: value})  # type: ignore[misc]
                    for one in alternatives
                ]
            )
        case types.Array(element):
            return st.lists(values(element), max_size=3)
        case types.Map(inner):
            return st.dictionaries(st.sampled_from(["k", "l", "m"]), values(inner), max_size=1)  # no order: one
        case types.Atomic():
            return ATOMICS[logical]
    raise AssertionError(logical)


@st.composite
def samples(draw: st.DrawFn, fields: st.SearchStrategy[types.Type] = nested, max_records: int = 5) -> Sample:
    """A schema of up to three ``fields`` and up to ``max_records`` records of it."""
    schema = draw(structs(fields))
    return Sample(schema, draw(st.lists(_present(schema), max_size=max_records)))


def records(data: DataFrame) -> list[Record]:
    """Return the rows of ``data`` as records."""
    return [_plain(row) for row in data.collect()]


def _plain(value: Any) -> Any:
    if isinstance(value, Row):
        return {name: _plain(one) for name, one in zip(value.__fields__, value, strict=True)}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return value
