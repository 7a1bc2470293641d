"""Recommends a ruleset for a table: rules that are true for the data as it is, from a profile of its columns."""

from __future__ import annotations

import math
from collections.abc import Iterator

from pyspark.sql import DataFrame
from pyspark.sql import functions as fn
from pyspark.sql.types import (
    ArrayType,
    BinaryType,
    DataType,
    IntegralType,
    MapType,
    NumericType,
    StringType,
    StructType,
)

from glueprint.dqdl.model import Condition, Operator, Parameter, Rule, Ruleset, SimpleRule
from glueprint.dqdl.operands import Number
from glueprint.runtime.quality.measures import Measures, Values

_NESTED = (ArrayType, BinaryType, MapType, StructType)
"""DQDL does not support them (DG:dqdl-rule-types, note)."""
MIN_UNIQUENESS = 0.95
"""From which ratio of unique values a rule about uniqueness is recommended."""


def recommended_ruleset(data: DataFrame) -> Ruleset:
    """Return rules about the number of rows and each column; all of them are true for ``data``."""
    measures = Measures(data)
    rows = measures.count_where(fn.lit(True))
    columns = [
        _Column(measures, one.name, one.dataType)
        for one in data.schema.fields
        if not isinstance(one.dataType, _NESTED)
    ]
    values = measures.compute()
    count = values.count(rows)
    rules: list[Rule] = [_rule("RowCount", None, Operator.BETWEEN, math.ceil(count / 2) - 1, 2 * count + 1)]
    if count:
        rules += [rule for column in columns for rule in column.rules(values, count)]
    return Ruleset(tuple(rules))


class _Column:
    """The profile of one column."""

    def __init__(self, measures: Measures, name: str, kind: DataType) -> None:
        self._name, self._kind = name, kind
        column = fn.col("`" + name.replace("`", "``") + "`")
        self._complete = measures.count_where(column.isNotNull())
        self._frequencies = measures.frequencies([column], [kind], None)
        self._low = self._high = None
        if isinstance(kind, (NumericType, StringType)):
            seen = column if isinstance(kind, NumericType) else fn.length(fn.coalesce(column, fn.lit("")))
            self._low, self._high = measures.aggregate(fn.min(seen)), measures.aggregate(fn.max(seen))

    def rules(self, values: Values, count: int) -> Iterator[SimpleRule]:
        """Return the rules about this column."""
        complete = values.count(self._complete)
        if not complete:
            return
        yield from self._completeness(complete / count)
        found = values.frequencies(self._frequencies)
        if found.rows > 1 and found.single / found.rows > MIN_UNIQUENESS:
            yield _rule("Uniqueness", self._name, Operator.GREATER, _below(found.single / found.rows))
        yield from self._range(values, is_complete=complete == count)

    def _completeness(self, ratio: float) -> Iterator[SimpleRule]:
        if ratio == 1.0:
            yield SimpleRule("IsComplete", (Parameter(self._name),))
        else:
            yield _rule("Completeness", self._name, Operator.GREATER, _below(ratio))

    def _range(self, values: Values, *, is_complete: bool) -> Iterator[SimpleRule]:
        if self._low is None or self._high is None:
            return
        low, high = values.number(self._low), values.number(self._high)
        if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
            return
        if isinstance(self._kind, StringType):
            yield _rule("ColumnLength", self._name, Operator.BETWEEN, low - 1, high + 1)
        elif is_complete:  # a null fails each comparison
            if isinstance(self._kind, IntegralType):
                yield _rule("ColumnValues", self._name, Operator.BETWEEN, low - 1, high + 1)
            else:
                yield _rule("ColumnValues", self._name, Operator.GREATER_EQUAL, low)
                yield _rule("ColumnValues", self._name, Operator.LESS_EQUAL, high)


def _rule(rule_type: str, column: str | None, operator: Operator, *numbers: float) -> SimpleRule:
    parameters = () if column is None else (Parameter(column),)
    return SimpleRule(rule_type, parameters, Condition(operator, tuple(map(_number, numbers))))


def _below(ratio: float) -> float:
    """Return a number with two digits that is below a ratio."""
    return (math.ceil(ratio * 100) - 1) / 100


def _number(value: float) -> Number:
    if value == int(value):
        return Number(str(int(value)))
    return Number(f"{value:.20f}".rstrip("0") if "e" in repr(value) else repr(value))
