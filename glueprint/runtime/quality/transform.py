"""What ``EvaluateDataQuality`` does with frames: evaluates, publishes, returns frames."""

from __future__ import annotations

import datetime
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import DoubleType, LongType, MapType, StringType, StructField, StructType

from glueprint.compat import UTC, strict_zip
from glueprint.dqdl import parse
from glueprint.runtime.quality.evaluation import Evaluation, Options, evaluate, no_history
from glueprint.runtime.quality.kept_results import KeptResults
from glueprint.runtime.quality.notes import note, note_outcomes
from glueprint.runtime.quality.options import QualityOptions
from glueprint.runtime.quality.publishing import (
    ResultStore,
    Times,
    json_lines,
    result_document,
    statistics,
    write_lines,
)
from glueprint.runtime.quality.row_level import Labelling, rule_counts
from glueprint.runtime.storage.endpoints import default_client

_OUTCOMES = StructType(
    [
        StructField("Rule", StringType()),
        StructField("Outcome", StringType()),
        StructField("FailureReason", StringType()),
        StructField("EvaluatedMetrics", MapType(StringType(), DoubleType())),
        StructField("EvaluatedRule", StringType()),
    ]
)
_COUNTS = ("PassedCount", "FailedCount", "SkippedCount", "TotalCount")
_AGGREGATED = (
    "TotalRowsProcessed",
    "PassedRows",
    "FailedRows",
    "TotalRulesProcessed",
    "RulesPassed",
    "RulesFailed",
)
_SERVED = (
    "TotalRowsProcessed",
    "TotalRowsPassed",
    "TotalRowsFailed",
    "TotalRulesProcessed",
    "TotalRulesPassed",
    "TotalRulesFailed",
)
"""The names of the same numbers in the service model."""
_LABELS = StructField("Labels", MapType(StringType(), StringType()))


class Assessment:
    """One evaluation of a ruleset on a DataFrame, published as its options require.

    Attributes:
        evaluation: the outcomes.
        result_id: of the kept result, if there is one.
    """

    def __init__(
        self,
        data: DataFrame,
        ruleset: str,
        options: QualityOptions,
        sources: Mapping[str, DataFrame],
        store: ResultStore | None,
        make_client: Callable[[str], Any] = default_client,
    ) -> None:
        """Evaluate and publish.

        Raises:
            DqdlError: the ruleset is not valid.
            NotSupportedLocally: it needs what is not built.
        """
        self._data = data
        self._options = options
        self._aggregated: dict[str, int] = {}
        self.result_id: str | None = None
        parsed = parse(ruleset)
        started = _now()
        if options.caches:
            data.persist()
        try:
            history = no_history if store is None else self._history(store)
            self.evaluation = evaluate(data, parsed, Options(sources, history, options.by_row))
            self.labelling = Labelling(
                options.skips_filtered, _labels(self.evaluation) if options.shows_labels else None
            )
            if options.counts_rows:
                self._count_rows()
        finally:
            if options.caches:
                data.unpersist()
        self._publish(Times(started, _now()), store, make_client)
        note_outcomes(self.evaluation.outcomes, options.context)

    @property
    def outcomes(self) -> DataFrame:
        """A row for each rule."""
        labels = _labels(self.evaluation)
        fields = list(_OUTCOMES.fields)
        if self._options.counts_rows:
            fields += [StructField(name, LongType()) for name in _COUNTS]
        if labels:
            fields.append(_LABELS)
        rows = []
        for one in self.evaluation.outcomes:
            row: list[object] = [str(one.rule), one.status, one.reason, dict(one.metrics), one.evaluated]
            if self._options.counts_rows:
                row += [one.counts[name] for name in _COUNTS]
            if labels:
                row.append(labels.get(str(one.rule), {}))
            rows.append(tuple(row))
        return _frame(self._data.sparkSession, rows, StructType(fields))

    @property
    def rows(self) -> DataFrame:
        """The data with the rules that each row passed."""
        return self.evaluation.rows(self.labelling)

    @property
    def aggregated(self) -> DataFrame | None:
        """Numbers of rows and rules, if the options ask for them."""
        if not self._options.counts_rows:
            return None
        fields = StructType([StructField(name, LongType()) for name in _AGGREGATED])
        return _frame(self._data.sparkSession, [tuple(self._aggregated[name] for name in _AGGREGATED)], fields)

    def _count_rows(self) -> None:
        *counts, total = rule_counts(self.rows, self.evaluation.ruleset.rules, self.labelling)
        for outcome, count in strict_zip(self.evaluation.outcomes, counts):
            outcome.counts = count
        passed = sum(one.passed for one in self.evaluation.outcomes)
        rules = len(self.evaluation.outcomes)
        self._aggregated = {
            **total,
            "TotalRulesProcessed": rules,
            "RulesPassed": passed,
            "RulesFailed": rules - passed,
        }

    def _history(self, store: ResultStore) -> Callable[[str, int], Sequence[float]]:
        return lambda name, count: store.history(self._options.context, name, count)

    def _publish(self, times: Times, store: ResultStore | None, make_client: Callable[[str], Any]) -> None:
        try:
            if store is not None:
                self.result_id = store.publish(self._document(times))
            if self._options.s3_prefix:
                place = {"catalogId": None, "databaseName": None, "tableName": None, "dqRunId": self.result_id}
                lines = json_lines(self.evaluation, times, place)
                write_lines(make_client("s3"), self._options.s3_prefix, lines, times.completed)
        except Exception as error:
            if not self._options.best_effort:
                raise
            note(f"the result could not be published (dataQualityResultsPublishing.strategy BEST_EFFORT): {error}")

    def _document(self, times: Times) -> dict[str, Any]:
        document = result_document(self.evaluation, times)
        if self._aggregated:
            document["AggregatedMetrics"] = {
                name: float(self._aggregated[own]) for name, own in strict_zip(_SERVED, _AGGREGATED)
            }
        return {
            "Context": self._options.context,
            "Served": self._options.publishes,
            "Result": document,
            "Statistics": statistics(self.evaluation),
        }


def store_of_this_run() -> ResultStore | None:
    """Return the store for the run of this process; None outside a job run."""
    following = sys.argv[sys.argv.index("--JOB_RUN_ID") + 1 :] if "--JOB_RUN_ID" in sys.argv else []
    return KeptResults.of_environment(os.environ, following[0]) if following else None


def _frame(spark: SparkSession, rows: list[tuple[object, ...]], schema: StructType) -> DataFrame:
    return spark.createDataFrame(rows, schema).coalesce(1)


def _labels(evaluation: Evaluation) -> dict[str, Mapping[str, str]]:
    """Return the labels of the rules that have some."""
    found = {str(one.rule): evaluation.ruleset.labels_of(one.rule) for one in evaluation.outcomes}
    return {rule: labels for rule, labels in found.items() if labels}


def _now() -> datetime.datetime:
    return datetime.datetime.now(UTC)
