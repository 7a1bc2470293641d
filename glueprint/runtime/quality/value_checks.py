"""Checks of every single value of a column: ColumnValues, ColumnLength, ColumnDataType, DataFreshness."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from pyspark.sql import Column
from pyspark.sql import functions as fn
from pyspark.sql.types import (
    BooleanType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    StringType,
    TimestampType,
)

from glueprint.dqdl.model import Operator, SimpleRule
from glueprint.dqdl.operands import Duration, Keyword, OperandKind, Text
from glueprint.runtime.quality.checks import NO_ROWS, Check, evaluated_text, row_result, statistic
from glueprint.runtime.quality.context import Context
from glueprint.runtime.quality.measures import Values
from glueprint.runtime.quality.outcomes import Comparison, Outcome, RuleFailed, comparison, unmet
from glueprint.runtime.quality.predicates import date_predicate, is_about, number_predicate, text_predicate
from glueprint.runtime.shared.spark_versions import cast_or_null, date_or_null

_RANGES = (
    Operator.GREATER,
    Operator.GREATER_EQUAL,
    Operator.LESS,
    Operator.LESS_EQUAL,
    Operator.BETWEEN,
    Operator.NOT_BETWEEN,
    Operator.EQUAL,
)
"""Comparisons whose failing value is the smallest or the largest one."""


def compliance(
    rule: SimpleRule,
    context: Context,
    passed: Column,
    metric: str,
    describe: Callable[[Values, float], str] | None = None,
    more: Callable[[Values], Mapping[str, float]] | None = None,
) -> Check:
    """Return the check that all rows pass, or a ratio of them that meets the threshold.

    Args:
        metric: the name of that ratio.
        describe: returns the failure reason.
        more: returns metrics that are shown in place of the ratio.
    """
    where = context.where(rule)
    measures = context.measures
    total = measures.count_where(fn.lit(True) if where is None else where)
    passing = measures.count_where(passed if where is None else where & passed)

    def finish(values: Values) -> Outcome:
        rows = values.count(total)
        if not rows:
            return Outcome(rule, passed=False, reason=NO_ROWS)
        ratio = values.count(passing) / rows
        metrics = {metric: ratio} if more is None or rule.threshold is not None else dict(more(values))
        if rule.threshold is None:
            holds, evaluated = ratio == 1.0, str(rule)
        else:
            threshold = comparison(rule.threshold, statistic(rule, metric), context.history)
            holds = threshold.holds(ratio)
            evaluated = str(rule).replace(str(rule.threshold), str(threshold)) if rule.is_dynamic else str(rule)
        reason = None
        if not holds:
            reason = unmet(ratio) if describe is None or rule.threshold is not None else describe(values, ratio)
        return Outcome(rule, holds, reason, metrics, evaluated)

    return Check(rule, finish, row_result(passed, where))


def column_values(rule: SimpleRule, context: Context) -> Check:
    """ColumnValues: numbers, texts, dates and NULL."""
    assert rule.condition is not None
    name, condition = rule.parameters[0].value, rule.condition
    column = context.column(name)
    kind = is_about(condition)
    metric = f"Column.{name}.ColumnValues.Compliance"
    if kind is OperandKind.NUMBER:
        return _numbers(rule, context, name, column)
    if kind is OperandKind.DATE and condition.operator not in (Operator.MATCHES, Operator.NOT_MATCHES):
        return compliance(rule, context, date_predicate(column, condition, context.now), metric)
    if condition.operator in (Operator.MATCHES, Operator.NOT_MATCHES):
        metric = f"Column.{name}.PatternMatch"
    return compliance(rule, context, text_predicate(column, condition), metric)


def _numbers(rule: SimpleRule, context: Context, name: str, column: Column) -> Check:
    condition = rule.condition
    assert condition is not None
    is_range = condition.operator in _RANGES and Keyword.NULL not in condition.operands
    if is_range:
        column = context.number(name)
    numbers = tuple(one for one in condition.operands if one is not Keyword.NULL)
    history_of = "Maximum" if condition.operator in (Operator.LESS, Operator.LESS_EQUAL) else "Minimum"
    plain = type(condition)(condition.operator, numbers)
    against = comparison(plain, statistic(rule, f"Column.{name}.{history_of}"), context.history)
    passed = number_predicate(column, against, with_null=Keyword.NULL in condition.operands)
    metric = f"Column.{name}.ColumnValues.Compliance"
    if not is_range:
        return compliance(rule, context, passed, metric)
    where = context.where(rule)
    seen = column if where is None else fn.when(where, column)
    extremes = _Extremes(context, seen, f"Column.{name}", "Minimum", "Maximum")
    missing = context.measures.count_where(column.isNull() if where is None else where & column.isNull())

    def describe(values: Values, ratio: float) -> str:
        reasons = extremes.reasons(values, against)
        if values.count(missing):
            reasons.append("Value: NULL does not meet the constraint requirement!")
        return "\n".join(reasons) or unmet(ratio)

    check = compliance(rule, context, passed, metric, describe, lambda values: extremes.metrics(values, against))
    return _with_evaluated(check, rule, against)


def _with_evaluated(check: Check, rule: SimpleRule, against: Comparison) -> Check:
    if not rule.is_dynamic:
        return check

    def finish(values: Values) -> Outcome:
        outcome = check.finish(values)
        outcome.evaluated = evaluated_text(rule, str(against))
        return outcome

    return Check(rule, finish, check.rows)


class _Extremes:
    """The smallest and the largest value."""

    def __init__(self, context: Context, column: Column, prefix: str, low: str, high: str) -> None:
        self._low = context.measures.aggregate(fn.min(column))
        self._high = context.measures.aggregate(fn.max(column))
        self._names = (f"{prefix}.{low}", f"{prefix}.{high}")

    def metrics(self, values: Values, against: Comparison) -> dict[str, float]:
        """Return those that the operator is about."""
        return {
            name: value
            for name, value, unused in self._both(values)
            if value is not None and against.operator not in unused
        }

    def reasons(self, values: Values, against: Comparison) -> list[str]:
        """Return the failure reasons of those that do not meet the condition."""
        wrong = [
            value
            for _, value, unused in self._both(values)
            if value is not None and against.operator not in unused and not against.holds(value)
        ]
        return [unmet(value) for value in dict.fromkeys(wrong)]

    def _both(self, values: Values) -> list[tuple[str, float | None, tuple[Operator, ...]]]:
        low, high = self._names
        return [
            (low, values.number(self._low), (Operator.LESS, Operator.LESS_EQUAL)),
            (high, values.number(self._high), (Operator.GREATER, Operator.GREATER_EQUAL)),
        ]


def column_length(rule: SimpleRule, context: Context) -> Check:
    """ColumnLength: null is a text of length 0 (DG:dqdl-rule-types-ColumnLength, "Null behavior")."""
    assert rule.condition is not None
    name = rule.parameters[0].value
    length = fn.length(fn.coalesce(context.text(name), fn.lit("")))
    is_upper = rule.condition.operator in (Operator.LESS, Operator.LESS_EQUAL)
    metric = f"Column.{name}.{'MaximumLength' if is_upper else 'MinimumLength'}"
    against = comparison(rule.condition, statistic(rule, metric), context.history)
    where = context.where(rule)
    seen = length if where is None else fn.when(where, length)
    extremes = _Extremes(context, seen, f"Column.{name}", "MinimumLength", "MaximumLength")
    passed = number_predicate(length, against)
    is_range = against.operator in _RANGES

    def describe(values: Values, ratio: float) -> str:
        return "\n".join(extremes.reasons(values, against)) or unmet(ratio)

    more = (lambda values: extremes.metrics(values, against)) if is_range else None
    check = compliance(
        rule, context, passed, f"Column.{name}.LengthCompliance", describe if is_range else None, more
    )
    return _with_evaluated(check, rule, against)


_TYPES: Mapping[str, DataType] = {
    "BOOLEAN": BooleanType(),
    "DATE": DateType(),
    "DOUBLE": DoubleType(),
    "FLOAT": FloatType(),
    "INTEGER": IntegerType(),
    "LONG": LongType(),
    "STRING": StringType(),
    "TIMESTAMP": TimestampType(),
}
_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")
_PARTIAL_DATES = {
    "MM-yyyy": ("01-{}", "dd-MM-yyyy"),
    "yyyy-MM": ("{}-01", "yyyy-MM-dd"),
    "MM/yyyy": ("01/{}", "dd/MM/yyyy"),
    "yyyy/MM": ("{}/01", "yyyy/MM/dd"),
    "dd-MM": ("{}-2000", "dd-MM-yyyy"),
    "MM-dd": ("{}-2000", "MM-dd-yyyy"),
    "dd/MM": ("{}/2000", "dd/MM/yyyy"),
    "MM/dd": ("{}/2000", "MM/dd/yyyy"),
}
"""Formats of dates that lack a part, and how they are completed (awslabs/deequ, ColumnDataType)."""
_DATES = ("dd-MM-yyyy", "MM-dd-yyyy", "yyyy-MM-dd", "dd/MM/yyyy", "MM/dd/yyyy", "yyyy/MM/dd")


def column_data_type(rule: SimpleRule, context: Context) -> Check:
    """ColumnDataType: whether each value can be cast in Spark; null cannot."""
    condition = rule.condition
    assert condition is not None
    name = rule.parameters[0].value
    if condition.operator not in (Operator.EQUAL, Operator.NOT_EQUAL) or not isinstance(
        condition.operands[0], Text
    ):
        raise RuleFailed("ColumnDataType rule only supports EQUALS (=) or NOT_EQUALS (!=) operators")
    cast = _cast(context.column(name), condition.operands[0].value, dict(rule.tags))
    passed = cast.isNotNull() if condition.operator is Operator.EQUAL else cast.isNull()
    return compliance(rule, context, passed, f"Column.{name}.ColumnDataType.Compliance")


def _cast(column: Column, type_name: str, tags: Mapping[str, str]) -> Column:
    decimal = _DECIMAL.fullmatch(type_name.upper())
    kind = DecimalType(int(decimal[1]), int(decimal[2])) if decimal else _TYPES.get(type_name.upper())
    if kind is None:
        known = ", ".join(name.capitalize() for name in _TYPES)
        raise RuleFailed(f"Unrecognized data type: {type_name} (known are {known} and Decimal(p,s))")
    form = tags.get("format")
    if form is None:
        return cast_or_null(column, kind)
    if not isinstance(kind, DateType) or form not in (*_DATES, *_PARTIAL_DATES):
        raise RuleFailed(f'Unsupported rule format: {type_name} with format = "{form}"')
    text = column.cast("string")
    if form in _PARTIAL_DATES:
        template, form = _PARTIAL_DATES[form]
        before, _, after = template.partition("{}")
        text = fn.concat(fn.lit(before), text, fn.lit(after))
    return date_or_null(text, form)


def data_freshness(rule: SimpleRule, context: Context) -> Check:
    """DataFreshness: the age of each value in hours, rounded to two digits; null fails."""
    condition = rule.condition
    assert condition is not None
    name = rule.parameters[0].value
    column = context.column(name)
    now = fn.to_timestamp(fn.lit(str(context.now.replace(tzinfo=None))))
    seconds = now.cast("long") - cast_or_null(column, "timestamp").cast("long")
    hours = fn.round(seconds / fn.lit(3600), 2)
    operands = tuple(round(one.minutes / 60, 4) for one in condition.operands if isinstance(one, Duration))
    passed = fn.coalesce(number_predicate(hours, Comparison(condition.operator, operands)), fn.lit(False))
    return compliance(
        rule,
        context,
        passed & column.isNotNull(),
        f"Column.{name}.DataFreshness.Compliance",
        lambda _, ratio: f"{ratio * 100:.2f} % of rows passed the threshold",
    )


VALUE_BUILDERS: dict[str, Callable[[SimpleRule, Context], Check]] = {
    "ColumnDataType": column_data_type,
    "ColumnLength": column_length,
    "ColumnValues": column_values,
    "DataFreshness": data_freshness,
}
