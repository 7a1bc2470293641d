"""Everything that the checks of a ruleset need to know of the data, measured together.

Checks register aggregates and frequencies; :meth:`Measures.compute` runs one aggregation for all aggregates and
one count of values for all frequencies, whatever the number of rules.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as fn
from pyspark.sql.types import ArrayType, BinaryType, DataType, MapType, StructType


@dataclass(frozen=True)
class Frequencies:
    """How often values occur in the rows in which at least one of the columns is not null.

    Attributes:
        rows: these rows.
        distinct: distinct values.
        single: values that occur exactly once.
        entropy: the information of a value, in nats.
    """

    rows: int = 0
    distinct: int = 0
    single: int = 0
    entropy: float = 0.0


class Values:
    """What was measured, by the keys of :class:`Measures`."""

    def __init__(self, aggregates: Sequence[Any], frequencies: Sequence[Frequencies]) -> None:
        self._aggregates = aggregates
        self._frequencies = frequencies

    def number(self, key: int) -> float | None:
        """Return an aggregate as a floating-point number."""
        value = self._aggregates[key]
        return None if value is None else float(value)

    def count(self, key: int) -> int:
        """Return an aggregate that counts; nothing counted is 0."""
        return int(self._aggregates[key] or 0)

    def frequencies(self, key: int) -> Frequencies:
        """Return frequencies."""
        return self._frequencies[key]


class Measures:
    """Collects what is to be measured on one DataFrame."""

    def __init__(self, data: DataFrame) -> None:
        self._data = data
        self._aggregates: dict[str, tuple[int, Column]] = {}
        self._frequencies: dict[tuple[tuple[str, ...], str], tuple[int, Column]] = {}

    def aggregate(self, column: Column) -> int:
        """Register an aggregate function; return its key. The same function is measured once."""
        text = column._jc.toString()
        return self._aggregates.setdefault(text, (len(self._aggregates), column))[0]

    def count_where(self, condition: Column) -> int:
        """Register the number of rows for which ``condition`` is true."""
        return self.aggregate(fn.sum(fn.when(condition, fn.lit(1)).otherwise(fn.lit(0))))

    def frequencies(self, columns: Sequence[Column], types: Sequence[DataType], where: Column | None) -> int:
        """Register the frequencies of the values of one or several columns; return their key."""
        texts = tuple(one._jc.toString() for one in columns)
        condition = _any_not_null(columns)
        if where is not None:
            condition = condition & where
        name = (texts, "" if where is None else where._jc.toString())
        number = self._frequencies.setdefault(name, (len(self._frequencies), fn.lit(None)))[0]
        entry = fn.struct(fn.lit(number).alias("number"), _as_text(columns, types).alias("value"))
        self._frequencies[name] = (number, fn.when(condition, entry))
        return number

    def compute(self) -> Values:
        """Measure everything that was registered."""
        return Values(self._computed_aggregates(), self._computed_frequencies())

    def _computed_aggregates(self) -> list[Any]:
        if not self._aggregates:
            return []
        columns = [column.alias(f"a{number}") for number, column in self._aggregates.values()]
        return list(self._data.agg(*columns).collect()[0])

    def _computed_frequencies(self) -> list[Frequencies]:
        found = [Frequencies() for _ in self._frequencies]
        if not found:
            return found
        entries = fn.array(*[entry for _, entry in self._frequencies.values()])
        values = self._data.select(fn.explode(entries).alias("entry")).where("entry is not null")
        counted = values.groupBy("entry.number", "entry.value").agg(fn.count(fn.lit(1)).alias("times"))
        summed = counted.groupBy("number").agg(
            fn.sum("times"),
            fn.count(fn.lit(1)),
            fn.sum(fn.when(fn.col("times") == 1, 1).otherwise(0)),
            fn.sum(fn.col("times") * fn.log(fn.col("times"))),
        )
        for number, rows, distinct, single, information in summed.collect():
            entropy = math.log(rows) - information / rows
            found[number] = Frequencies(int(rows), int(distinct), int(single), max(0.0, entropy))
        return found


def _any_not_null(columns: Sequence[Column]) -> Column:
    found = columns[0].isNotNull()
    for one in columns[1:]:
        found = found | one.isNotNull()
    return found


def _as_text(columns: Sequence[Column], types: Sequence[DataType]) -> Column:
    """Return a text that is different for different values."""
    if len(columns) > 1:
        return fn.to_json(fn.struct(*[one.alias(f"c{number}") for number, one in enumerate(columns)]))
    column, kind = columns[0], types[0]
    if isinstance(kind, (StructType, ArrayType, MapType)):
        return fn.to_json(fn.struct(column.alias("c")))
    return fn.hex(column) if isinstance(kind, BinaryType) else column.cast("string")
