"""Which rules each row passed: the four columns that AWS Glue adds (DG:tutorial-data-quality)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as fn

from glueprint.dqdl.model import CompositeRule, Rule, SimpleRule, simple_rules
from glueprint.dqdl.rule_types import RULE_TYPES
from glueprint.runtime.quality.checks import Check, RowResult
from glueprint.runtime.quality.outcomes import FAILED, PASSED

PASS, FAIL, SKIP = "DataQualityRulesPass", "DataQualityRulesFail", "DataQualityRulesSkip"
RESULT = "DataQualityEvaluationResult"


@dataclass(frozen=True)
class Labelling:
    """How rules are shown in rows.

    Attributes:
        skips_filtered: rows that a where clause excludes have the rule in Skip, not in Pass.
        labels: of a rule; None: labels are not shown.
    """

    skips_filtered: bool = False
    labels: Mapping[str, Mapping[str, str]] | None = None

    def name(self, rule: Rule) -> str:
        """Return the text for a rule."""
        text = str(rule)
        if self.labels is None:
            return text
        labels = self.labels.get(text) or {}
        return json.dumps({"rule": text, "labels": labels}) if labels else text


def rows_of(rule: Rule, checks: Mapping[str, Check]) -> RowResult | None:
    """Return the result for rows of a rule: of a composite rule if all its parts have one."""
    if isinstance(rule, SimpleRule):
        return checks[str(rule)].rows
    parts = [rows_of(one, checks) for one in rule.rules]
    found = [one for one in parts if one is not None]
    if len(found) != len(parts):
        return None
    augments = [one.augment for one in found if one.augment is not None]

    def augment(data: DataFrame) -> DataFrame:
        return reduce(lambda done, add: add(done), augments, data)

    return RowResult(
        combined(rule.operator, [one.column for one in found]),
        augment if augments else None,
        any(one.is_window for one in found),
    )


def combined(operator: str, columns: Sequence[Column]) -> Column:
    """Return rows that pass all or any of several results."""
    return reduce(lambda left, right: left & right if operator == "AND" else left | right, columns)


def works_by_row(rule: CompositeRule) -> bool:
    """Whether a composite rule can be evaluated row by row.

    Rules about ratios and with thresholds cannot (DG:dqdl, "How Composite rules work").
    """
    return all(
        RULE_TYPES[one.type].row_level and not RULE_TYPES[one.type].ratio and one.threshold is None
        for one in simple_rules(rule)
    )


def row_level(
    data: DataFrame, rules: Sequence[Rule], checks: Mapping[str, Check], labelling: Labelling
) -> DataFrame:
    """Return the data with the columns of :data:`PASS`, :data:`FAIL`, :data:`SKIP` and :data:`RESULT`."""
    passed, failed, skipped = [], [], []
    marks: list[str] = []
    original = data.columns
    for number, rule in enumerate(rules):
        name = fn.lit(labelling.name(rule))
        rows = rows_of(rule, checks)
        if rows is None:
            skipped.append(name)
            continue
        if rows.augment is not None:
            data = rows.augment(data)
        mark = f"__glueprint_rule_{number}"
        data = data.withColumn(mark, rows.column)
        marks.append(mark)
        result = fn.col(mark)
        failed.append(fn.when(~result, name))
        if labelling.skips_filtered:
            passed.append(fn.when(result, name))
            skipped.append(fn.when(result.isNull(), name))
        else:
            passed.append(fn.when(fn.coalesce(result, fn.lit(True)), name))
    return data.select(
        *[fn.col("`" + name.replace("`", "``") + "`") for name in original],
        _names(passed).alias(PASS),
        _names(failed).alias(FAIL),
        _names(skipped).alias(SKIP),
        fn.when(fn.size(_names(failed)) == 0, fn.lit(PASSED)).otherwise(fn.lit(FAILED)).alias(RESULT),
    )


def rule_counts(rows: DataFrame, rules: Sequence[Rule], labelling: Labelling) -> list[dict[str, int]]:
    """Return for each rule how many rows passed, failed and were skipped, and last the rows by their result."""
    columns = [fn.count(fn.lit(1))]
    for rule in rules:
        name = labelling.name(rule)
        columns += [fn.sum(fn.array_contains(column, name).cast("int")) for column in (PASS, FAIL, SKIP)]
    columns.append(fn.sum((fn.col(RESULT) == PASSED).cast("int")))
    counted = [int(value or 0) for value in rows.agg(*columns).collect()[0]]
    total, good = counted[0], counted[-1]
    found = []
    for number in range(len(rules)):
        passed, failed, skipped = counted[1 + 3 * number : 4 + 3 * number]
        found.append({"PassedCount": passed, "FailedCount": failed, "SkippedCount": skipped, "TotalCount": total})
    return [*found, {"TotalRowsProcessed": total, "PassedRows": good, "FailedRows": total - good}]


def _names(columns: Sequence[Column]) -> Column:
    if not columns:
        return fn.array().cast("array<string>")
    return fn.filter(fn.array(*columns), lambda name: name.isNotNull())
