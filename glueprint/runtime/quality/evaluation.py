"""Evaluates a ruleset on a DataFrame."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pyspark.sql import DataFrame
from pyspark.sql import functions as fn

from glueprint.compat import UTC
from glueprint.dqdl.model import CompositeRule, Rule, Ruleset, SimpleRule, simple_rules
from glueprint.runtime.quality.analyzers import AnalyzerResult, analyzers_of
from glueprint.runtime.quality.checks import BUILDERS, Check, failing
from glueprint.runtime.quality.context import Context
from glueprint.runtime.quality.measures import Values
from glueprint.runtime.quality.outcomes import History, Outcome, unmet
from glueprint.runtime.quality.reference_checks import REFERENCE_BUILDERS
from glueprint.runtime.quality.row_level import Labelling, row_level, rows_of, works_by_row
from glueprint.runtime.quality.sql_checks import custom_sql
from glueprint.runtime.quality.value_checks import VALUE_BUILDERS
from glueprint.runtime.storage.errors import NotSupportedLocally

_BUILDERS: Mapping[str, Callable[[SimpleRule, Context], Check]] = {
    **BUILDERS,
    **VALUE_BUILDERS,
    **REFERENCE_BUILDERS,
    "CustomSql": custom_sql,
}
_REFUSED = {
    "DetectAnomalies": "anomaly detection is a model of AWS's",
    "FileFreshness": "it looks at files of S3, not at data",
    "FileMatch": "it looks at files of S3, not at data",
    "FileSize": "it looks at files of S3, not at data",
    "FileUniqueness": "it looks at files of S3, not at data",
}


def no_history(metric: str, count: int) -> list[float]:
    """Refuse functions of earlier runs where no results are kept.

    Raises:
        NotSupportedLocally: always.
    """
    raise NotSupportedLocally("last() in a DQDL rule", "this run has no local Glue that keeps earlier results")


@dataclass
class Options:
    """How a ruleset is evaluated.

    Attributes:
        sources: further datasets, by alias.
        history: values of earlier runs.
        by_row: composite rules are evaluated row by row (``compositeRuleEvaluation.method`` ROW).
    """

    sources: Mapping[str, DataFrame] = field(default_factory=dict)
    history: History = no_history
    by_row: bool = False
    now: datetime.datetime | None = None


@dataclass
class Evaluation:
    """The outcomes of a ruleset, in its order."""

    ruleset: Ruleset
    outcomes: list[Outcome]
    analyzers: list[AnalyzerResult]
    _data: DataFrame
    _checks: Mapping[str, Check]

    @property
    def score(self) -> float:
        """The ratio of rules that passed; 1.0 without rules."""
        return sum(one.passed for one in self.outcomes) / len(self.outcomes) if self.outcomes else 1.0

    def rows(self, labelling: Labelling) -> DataFrame:
        """Return the data with the results of each row; nothing is computed yet."""
        return row_level(self._data, self.ruleset.rules, self._checks, labelling)


def evaluate(data: DataFrame, ruleset: Ruleset, options: Options) -> Evaluation:
    """Evaluate all rules and analyzers.

    Raises:
        NotSupportedLocally: a rule type is not built, or a rule needs results of earlier runs and none are kept.
        IllegalArgumentException: a where clause is not valid.
    """
    _refuse(ruleset)
    now = options.now or datetime.datetime.now(UTC)
    context = Context(data, options.sources, options.history, now.replace(tzinfo=None))
    checks: dict[str, Check] = {}
    for rule in ruleset.rules:
        for one in simple_rules(rule):
            if str(one) not in checks:
                checks[str(one)] = _check(one, context)
    by_row = {
        number: _by_row(rule, checks, context)
        for number, rule in enumerate(ruleset.rules)
        if options.by_row and isinstance(rule, CompositeRule) and works_by_row(rule)
    }
    analyzers = analyzers_of(ruleset, context)
    values = context.measures.compute()
    done: dict[str, Outcome] = {}
    outcomes = [
        by_row[number](values) if number in by_row else _outcome(rule, checks, values, done)
        for number, rule in enumerate(ruleset.rules)
    ]
    return Evaluation(ruleset, outcomes, [one(values) for one in analyzers], data, checks)


def _check(rule: SimpleRule, context: Context) -> Check:
    return failing(rule, lambda: _BUILDERS[rule.type](rule, context))


def _outcome(rule: Rule, checks: Mapping[str, Check], values: Values, done: dict[str, Outcome]) -> Outcome:
    text = str(rule)
    if isinstance(rule, SimpleRule):
        if text not in done:
            found = checks[text].finish(values)
            found.evaluated = found.evaluated or text
            done[text] = found
        return done[text]
    parts = [_outcome(one, checks, values, done) for one in rule.rules]
    passed = all(one.passed for one in parts) if rule.operator == "AND" else any(one.passed for one in parts)
    reasons = [one.reason for one in parts if one.reason]
    metrics = {name: value for one in parts for name, value in one.metrics.items()}
    evaluated = f" {rule.operator} ".join(f"({one.evaluated})" for one in parts)
    return Outcome(rule, passed, "\n".join(reasons) or None, metrics, evaluated)


def _by_row(rule: CompositeRule, checks: Mapping[str, Check], context: Context) -> Callable[[Values], Outcome]:
    rows = rows_of(rule, checks)
    assert rows is not None
    passes = fn.coalesce(rows.column, fn.lit(True))
    if rows.augment is not None or rows.is_window:
        augmented = context.data if rows.augment is None else rows.augment(context.data)
        marked = augmented.withColumn("__glueprint_passed", passes)

        def measure(values: Values) -> tuple[int, int]:
            counted = marked.agg(
                fn.count(fn.lit(1)), fn.sum(fn.when(fn.col("__glueprint_passed"), 1).otherwise(0))
            ).collect()[0]
            return int(counted[0]), int(counted[1] or 0)
    else:
        total, passing = context.measures.count_where(fn.lit(True)), context.measures.count_where(passes)

        def measure(values: Values) -> tuple[int, int]:
            return values.count(total), values.count(passing)

    def finish(values: Values) -> Outcome:
        total, passing = measure(values)
        ratio = passing / total if total else 0.0
        holds = ratio == 1.0
        return Outcome(rule, holds, None if holds else unmet(ratio), {}, str(rule))

    return finish


def _refuse(ruleset: Ruleset) -> None:
    for rule in ruleset.rules:
        for one in simple_rules(rule):
            if one.type in _REFUSED:
                raise NotSupportedLocally(f"DQDL rule type {one.type}", _REFUSED[one.type])
