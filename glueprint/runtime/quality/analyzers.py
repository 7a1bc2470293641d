"""Analyzers: metrics without a condition (DG:dqdl, "Analyzers")."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pyspark.sql import functions as fn
from pyspark.sql.types import NumericType, StringType

from glueprint.dqdl.model import Analyzer, Condition, Operator, Parameter, Ruleset, SimpleRule
from glueprint.dqdl.operands import Number
from glueprint.runtime.quality.checks import BUILDERS
from glueprint.runtime.quality.context import Context
from glueprint.runtime.quality.measures import Values
from glueprint.runtime.quality.outcomes import RuleFailed
from glueprint.runtime.quality.sql_checks import custom_sql
from glueprint.runtime.storage.errors import NotSupportedLocally

_ANY = Condition(Operator.NOT_EQUAL, (Number("-1"),))
"""A condition for a rule of which only the metrics are read."""


@dataclass(frozen=True)
class AnalyzerResult:
    """The metrics of one analyzer, or why there are none."""

    analyzer: Analyzer
    metrics: Mapping[str, float] = field(default_factory=dict)
    message: str | None = None


Read = Callable[[Values], Mapping[str, float]]


def analyzers_of(ruleset: Ruleset, context: Context) -> list[Callable[[Values], AnalyzerResult]]:
    """Return what computes each analyzer's result from what was measured."""
    return [_analyzer(one, context) for one in ruleset.analyzers]


def _analyzer(analyzer: Analyzer, context: Context) -> Callable[[Values], AnalyzerResult]:
    try:
        read = _read(analyzer, context)
    except RuleFailed as error:
        message = str(error)
        return lambda _: AnalyzerResult(analyzer, message=message)

    def finish(values: Values) -> AnalyzerResult:
        try:
            return AnalyzerResult(analyzer, dict(read(values)))
        except RuleFailed as error:
            return AnalyzerResult(analyzer, message=str(error))

    return finish


def _read(analyzer: Analyzer, context: Context) -> Read:
    if analyzer.type == "Distribution":
        raise NotSupportedLocally("DQDL analyzer Distribution", "histograms are not kept locally")
    if analyzer.type == "ColumnValues":
        return _range(analyzer.parameters[0].value, context)
    if analyzer.type == "ColumnLength":
        return _lengths(analyzer.parameters[0].value, context)
    if analyzer.type == "AllStatistics":
        return _all_statistics(analyzer.parameters[0].value, context)
    return _of_rule(analyzer.type, analyzer.parameters, context)


def _of_rule(rule_type: str, parameters: tuple[Parameter, ...], context: Context) -> Read:
    rule = SimpleRule(rule_type, parameters, _ANY)
    check = custom_sql(rule, context) if rule_type == "CustomSql" else BUILDERS[rule_type](rule, context)
    return lambda values: check.finish(values).metrics


def _range(name: str, context: Context) -> Read:
    """The smallest and the largest number, or the lengths of texts."""
    if not isinstance(context.type_of(name), NumericType):
        return _lengths(name, context)
    low = context.measures.aggregate(fn.min(context.column(name)))
    high = context.measures.aggregate(fn.max(context.column(name)))
    return lambda values: _present(
        {f"Column.{name}.Minimum": values.number(low), f"Column.{name}.Maximum": values.number(high)}
    )


def _lengths(name: str, context: Context) -> Read:
    length = fn.length(context.column(name).cast("string"))
    low, high = context.measures.aggregate(fn.min(length)), context.measures.aggregate(fn.max(length))
    return lambda values: _present(
        {f"Column.{name}.MinimumLength": values.number(low), f"Column.{name}.MaximumLength": values.number(high)}
    )


def _all_statistics(name: str, context: Context) -> Read:
    types = ["RowCount", "ColumnCount"]
    of_column = ["Completeness", "Uniqueness"]
    kind = context.type_of(name)
    if isinstance(kind, NumericType):
        of_column += ["Entropy", "Mean", "StandardDeviation", "Sum"]
    parts = [_of_rule(one, (), context) for one in types]
    parts += [_of_rule(one, (Parameter(name),), context) for one in of_column]
    if isinstance(kind, (NumericType, StringType)):
        parts.append(_range(name, context))
    return lambda values: {key: value for part in parts for key, value in part(values).items()}


def _present(metrics: Mapping[str, float | None]) -> dict[str, float]:
    return {name: value for name, value in metrics.items() if value is not None}
