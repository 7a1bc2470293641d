"""Where results go: to the local Glue, which keeps and serves them, and to S3."""

from __future__ import annotations

import datetime
import json
import math
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from glueprint.dqdl.model import simple_rules
from glueprint.runtime.quality.checks import statistic
from glueprint.runtime.quality.evaluation import Evaluation

MAX_TEXT_LENGTH = 2048
"""Of descriptions and messages in the service model."""


class ResultStore(Protocol):
    """Keeps results of a run and knows those of earlier runs."""

    def publish(self, document: Mapping[str, Any]) -> str:
        """Keep a result; return its id."""

    def history(self, context: str, name: str, count: int) -> Sequence[float]:
        """Return the newest values of a statistic in earlier results of the same job and context."""


@dataclass(frozen=True)
class Times:
    """When an evaluation began and ended, UTC."""

    started: datetime.datetime
    completed: datetime.datetime


def result_document(evaluation: Evaluation, times: Times) -> dict[str, Any]:
    """Return the members of ``DataQualityResult`` (service model) that an evaluation knows."""
    document: dict[str, Any] = {
        "Score": evaluation.score,
        "StartedOn": times.started.timestamp(),
        "CompletedOn": times.completed.timestamp(),
        "RuleResults": [],
        "AnalyzerResults": [],
    }
    for number, outcome in enumerate(evaluation.outcomes, 1):
        labels = evaluation.ruleset.labels_of(outcome.rule)
        entry = {
            "Name": f"Rule_{number}",
            "Description": _short(str(outcome.rule)),
            "EvaluationMessage": None if outcome.reason is None else _short(outcome.reason),
            "Result": "PASS" if outcome.passed else "FAIL",
            "EvaluatedMetrics": _finite(outcome.metrics),
            "EvaluatedRule": _short(outcome.evaluated or str(outcome.rule)),
            "Labels": labels or None,
            "RuleMetrics": {name: float(value) for name, value in outcome.counts.items()} or None,
        }
        document["RuleResults"].append({name: value for name, value in entry.items() if value is not None})
    for number, analyzed in enumerate(evaluation.analyzers, 1):
        entry = {
            "Name": f"Analyzer_{number}",
            "Description": _short(str(analyzed.analyzer)),
            "EvaluationMessage": analyzed.message,
            "EvaluatedMetrics": _finite(analyzed.metrics),
        }
        document["AnalyzerResults"].append({name: value for name, value in entry.items() if value is not None})
    return document


def statistics(evaluation: Evaluation) -> dict[str, float]:
    """Return all metrics by the names under which later runs find them."""
    found: dict[str, float] = {}
    for analyzed in evaluation.analyzers:
        found.update(_finite(analyzed.metrics))
    for outcome in evaluation.outcomes:
        rules = list(simple_rules(outcome.rule))
        for metric, value in _finite(outcome.metrics).items():
            names = {statistic(rule, metric) for rule in rules}
            found.update(dict.fromkeys(names if len(names) == 1 else {metric}, value))
    return found


def json_lines(evaluation: Evaluation, times: Times, place: Mapping[str, str | None]) -> str:
    """Return the results as AWS writes them to S3: one JSON object for each rule (DG:data-quality-alerts).

    Args:
        place: ``catalogId``, ``databaseName``, ``tableName``, ``dqRunId``.
    """
    lines = []
    for outcome in evaluation.outcomes:
        line = {
            **place,
            "evaluationStartedOn": _time(times.started),
            "evaluationCompletedOn": _time(times.completed),
            "rule": str(outcome.rule),
            "outcome": outcome.status,
            "failureReason": outcome.reason,
            "evaluatedMetrics": json.dumps(_finite(outcome.metrics)),
        }
        lines.append(json.dumps(line, ensure_ascii=False))
    return "".join(f"{line}\n" for line in lines)


def write_lines(s3: Any, prefix: str, lines: str, at: datetime.datetime) -> str:
    """Write the lines below a prefix, in the folder of their day; return where.

    Raises:
        ValueError: the prefix is not a path of S3.
        botocore.exceptions.ClientError: it cannot be written.
    """
    scheme, _, rest = prefix.partition("://")
    bucket, _, folder = rest.partition("/")
    if scheme not in ("s3", "s3a", "s3n") or not bucket:
        raise ValueError(f"resultsS3Prefix must be like s3://bucket/folder/, not {prefix!r}")
    folder = folder.rstrip("/")
    day = f"year={at:%Y}/month={at:%m}/day={at:%d}"
    key = "/".join(part for part in (folder, day, f"{uuid.uuid4()}.json") if part)
    s3.put_object(Bucket=bucket, Key=key, Body=lines.encode())
    return f"s3://{bucket}/{key}"


def _time(moment: datetime.datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03d}"


def _finite(metrics: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in metrics.items() if math.isfinite(value)}


def _short(text: str) -> str:
    return text if len(text) <= MAX_TEXT_LENGTH else text[: MAX_TEXT_LENGTH - 3] + "..."
