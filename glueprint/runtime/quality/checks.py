"""Rules as checks: what each measures, and how its outcome follows. One function for each group of rule types."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as fn

from glueprint.compat import strict_zip
from glueprint.dqdl.model import SimpleRule
from glueprint.dqdl.rule_types import RULE_TYPES
from glueprint.runtime.quality.context import Context
from glueprint.runtime.quality.measures import Frequencies, Values
from glueprint.runtime.quality.outcomes import Outcome, RuleFailed, comparison, unmet

Finish = Callable[[Values], Outcome]
"""Returns the outcome, once everything is measured."""

NO_ROWS = "Empty state: there are no rows, or all input values were NULL."


@dataclass
class RowResult:
    """What a check states about each row.

    Attributes:
        column: whether the row passed; null if the where clause excludes it.
        augment: adds what ``column`` refers to, if it is not in the data.
        is_window: ``column`` contains a window function.
    """

    column: Column
    augment: Callable[[DataFrame], DataFrame] | None = None
    is_window: bool = False


@dataclass
class Check:
    """A rule that can be evaluated; ``rows`` is None for rules about the complete dataset."""

    rule: SimpleRule
    finish: Finish
    rows: RowResult | None = None


def row_result(passed: Column, where: Column | None, *, is_window: bool = False) -> RowResult:
    """Return the result for rows of which those that the where clause excludes have none."""
    column = passed if where is None else fn.when(where, passed)
    return RowResult(column, is_window=is_window)


def metric_outcome(
    rule: SimpleRule, context: Context, metric: str, read: Callable[[Values], float | None]
) -> Finish:
    """Return the outcome of a rule that compares one number with its condition."""

    def finish(values: Values) -> Outcome:
        value = read(values)
        if value is None:
            return Outcome(rule, passed=False, reason=NO_ROWS)
        return compared(rule, context, {metric: value}, value)

    return finish


def compared(
    rule: SimpleRule, context: Context, metrics: Mapping[str, float], value: float, shown: str | None = None
) -> Outcome:
    """Return the outcome for a number that is compared with the rule's condition.

    Args:
        shown: the number as the failure reason has it.
    """
    assert rule.condition is not None
    metric = next(iter(metrics))
    condition = comparison(rule.condition, statistic(rule, metric), context.history)
    passed = condition.holds(value)
    reason = (
        None
        if passed
        else unmet(value)
        if shown is None
        else f"Value: {shown} does not meet the constraint requirement!"
    )
    return Outcome(rule, passed, reason, dict(metrics), evaluated_text(rule, str(condition)))


def statistic(rule: SimpleRule, metric: str) -> str:
    """Return the name under which a metric's values of several runs are kept: its where clause belongs to it."""
    return metric if rule.where is None else f"{metric} (where: {rule.where})"


def evaluated_text(rule: SimpleRule, condition: str) -> str:
    """Return the rule's text with numbers in place of functions of earlier runs."""
    if not rule.is_dynamic or rule.condition is None:
        return str(rule)
    return str(rule).replace(str(rule.condition), condition, 1)


def failing(rule: SimpleRule, make: Callable[[], Check]) -> Check:
    """Return the check that ``make`` returns, or one that fails with its :class:`RuleFailed`."""
    try:
        return guarded(make())
    except RuleFailed as error:
        reason = str(error)
        rows = row_result(fn.lit(False), None) if RULE_TYPES[rule.type].row_level else None
        return Check(rule, lambda _: Outcome(rule, passed=False, reason=reason), rows)


def guarded(check: Check) -> Check:
    """Return the check; a :class:`RuleFailed` of its end is its outcome."""

    def finish(values: Values) -> Outcome:
        try:
            return check.finish(values)
        except RuleFailed as error:
            return Outcome(check.rule, passed=False, reason=str(error))

    return Check(check.rule, finish, check.rows)


# --- the dataset ---


def _row_count(rule: SimpleRule, context: Context) -> Check:
    where = context.where(rule)
    key = context.measures.count_where(fn.lit(True) if where is None else where)

    def finish(values: Values) -> Outcome:
        count = values.count(key)
        return compared(rule, context, {"Dataset.*.RowCount": float(count)}, count, shown=str(count))

    return Check(rule, finish)


def _column_count(rule: SimpleRule, context: Context) -> Check:
    count = float(len(context.data.columns))
    return Check(rule, lambda _: compared(rule, context, {"Dataset.*.ColumnCount": count}, count))


def _column_exists(rule: SimpleRule, context: Context) -> Check:
    name = rule.parameters[0].value
    exists = context.has(name)
    reason = None if exists else f"Input data does not include column {name}!"
    return Check(rule, lambda _: Outcome(rule, exists, reason))


def _column_names_match(rule: SimpleRule, context: Context) -> Check:
    try:
        pattern = re.compile(rule.parameters[0].value)
    except re.error as error:
        raise RuleFailed(f"'{rule.parameters[0].value}' is not a regular expression: {error}") from error
    names = context.data.columns
    others = [name for name in names if not pattern.search(name)]
    ratio = (len(names) - len(others)) / len(names) if names else 0.0
    reason = f"Columns that do not match the pattern: {', '.join(others)}" if others else None
    metrics = {"Dataset.*.ColumnNamesPatternMatchRatio": ratio}
    return Check(rule, lambda _: Outcome(rule, not others, reason, metrics))


# --- completeness ---


def _counted(context: Context, where: Column | None) -> int:
    return context.measures.count_where(fn.lit(True) if where is None else where)


def _completeness(rule: SimpleRule, context: Context) -> Check:
    name = rule.parameters[0].value
    column, where = context.column(name), context.where(rule)
    total = _counted(context, where)
    complete = context.measures.count_where(column.isNotNull() if where is None else where & column.isNotNull())
    metric = f"Column.{name}.Completeness"

    def read(values: Values) -> float | None:
        return values.count(complete) / values.count(total) if values.count(total) else None

    def is_complete(values: Values) -> Outcome:
        value = read(values)
        if value is None:
            return Outcome(rule, passed=False, reason=NO_ROWS)
        return Outcome(rule, value == 1.0, None if value == 1.0 else unmet(value), {metric: value})

    finish = is_complete if rule.condition is None else metric_outcome(rule, context, metric, read)
    return Check(rule, finish, row_result(column.isNotNull(), where))


# --- uniqueness ---


@dataclass(frozen=True)
class _Frequent:
    """The columns of a rule about frequencies."""

    names: tuple[str, ...]
    columns: list[Column]
    where: Column | None
    key: int

    @classmethod
    def of(cls, rule: SimpleRule, context: Context) -> _Frequent:
        names = tuple(one.value for one in rule.parameters)
        columns, where = [context.column(name) for name in names], context.where(rule)
        key = context.measures.frequencies(columns, [context.type_of(name) for name in names], where)
        return cls(names, columns, where, key)

    def metric(self, name: str) -> str:
        level = "Column" if len(self.names) == 1 else "Multicolumn"
        return f"{level}.{','.join(self.names)}.{name}"

    def rows(self, context: Context) -> RowResult:
        single = context.occurrences(self.columns, self.where) == 1
        return row_result(single, self.where, is_window=True)


def _frequency_metric(
    name: str, read: Callable[[Frequencies], float], *, has_rows: bool
) -> Callable[[SimpleRule, Context], Check]:
    def build_check(rule: SimpleRule, context: Context) -> Check:
        about = _Frequent.of(rule, context)

        def value(values: Values) -> float | None:
            found = values.frequencies(about.key)
            return read(found) if found.rows else None

        finish = metric_outcome(rule, context, about.metric(name), value)
        return Check(rule, finish, about.rows(context) if has_rows else None)

    return build_check


def _is_unique(rule: SimpleRule, context: Context) -> Check:
    about = _Frequent.of(rule, context)

    def finish(values: Values) -> Outcome:
        found = values.frequencies(about.key)
        if not found.rows:
            return Outcome(rule, passed=False, reason=NO_ROWS)
        ratio = found.single / found.rows
        reason = None if ratio == 1.0 else unmet(ratio)
        return Outcome(rule, ratio == 1.0, reason, {about.metric("Uniqueness"): ratio})

    return Check(rule, finish, about.rows(context))


def _is_primary_key(rule: SimpleRule, context: Context) -> Check:
    about = _Frequent.of(rule, context)
    total = _counted(context, about.where)
    complete = {}
    all_there: Column = fn.lit(True)
    for name, column in strict_zip(about.names, about.columns):
        is_there = column.isNotNull() if about.where is None else about.where & column.isNotNull()
        complete[name] = context.measures.count_where(is_there)
        all_there = all_there & column.isNotNull()

    def finish(values: Values) -> Outcome:
        found, rows = values.frequencies(about.key), values.count(total)
        if not found.rows:
            return Outcome(rule, passed=False, reason=NO_ROWS)
        metrics = {about.metric("Uniqueness"): found.single / found.rows}
        for name, key in complete.items():
            metrics[f"Column.{name}.Completeness"] = values.count(key) / rows
        wrong = [unmet(value) for value in metrics.values() if value != 1.0]
        return Outcome(rule, not wrong, "\n".join(wrong) or None, metrics)

    unique = context.occurrences(about.columns, about.where) == 1
    return Check(rule, finish, row_result(all_there & unique, about.where, is_window=True))


# --- numbers ---


def _aggregate(name: str, function: Callable[[Column], Column]) -> Callable[[SimpleRule, Context], Check]:
    def build_check(rule: SimpleRule, context: Context) -> Check:
        column_name = rule.parameters[0].value
        column, where = context.number(column_name), context.where(rule)
        key = context.measures.aggregate(function(column if where is None else fn.when(where, column)))
        return Check(rule, metric_outcome(rule, context, f"Column.{column_name}.{name}", lambda v: v.number(key)))

    return build_check


def _correlation(rule: SimpleRule, context: Context) -> Check:
    first, second = (one.value for one in rule.parameters)
    where = context.where(rule)
    left, right = context.number(first).cast("double"), context.number(second).cast("double")
    key = context.measures.aggregate(fn.corr(left if where is None else fn.when(where, left), right))
    metric = f"Multicolumn.{first},{second}.ColumnCorrelation"
    return Check(rule, metric_outcome(rule, context, metric, lambda values: values.number(key)))


BUILDERS: dict[str, Callable[[SimpleRule, Context], Check]] = {
    "ColumnCorrelation": _correlation,
    "ColumnCount": _column_count,
    "ColumnExists": _column_exists,
    "ColumnNamesMatchPattern": _column_names_match,
    "Completeness": _completeness,
    "DistinctValuesCount": _frequency_metric(
        "DistinctValuesCount", lambda found: float(found.distinct), has_rows=False
    ),
    "Entropy": _frequency_metric("Entropy", lambda found: found.entropy, has_rows=False),
    "IsComplete": _completeness,
    "IsPrimaryKey": _is_primary_key,
    "IsUnique": _is_unique,
    "Mean": _aggregate("Mean", fn.avg),
    "RowCount": _row_count,
    "StandardDeviation": _aggregate("StandardDeviation", fn.stddev_pop),
    "Sum": _aggregate("Sum", fn.sum),
    "UniqueValueRatio": _frequency_metric(
        "UniqueValueRatio", lambda found: found.single / found.distinct, has_rows=True
    ),
    "Uniqueness": _frequency_metric("Uniqueness", lambda found: found.single / found.rows, has_rows=True),
    "Variance": _aggregate("Variance", fn.var_pop),
}
