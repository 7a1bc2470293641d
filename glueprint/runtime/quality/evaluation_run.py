"""The program of a data quality run on a table: evaluates rulesets, or recommends one."""

from __future__ import annotations

import datetime
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame

from glueprint.compat import UTC
from glueprint.dqdl import parse
from glueprint.runtime.quality.evaluation import Options, evaluate
from glueprint.runtime.quality.notes import note_outcomes
from glueprint.runtime.quality.publishing import Times, json_lines, result_document, write_lines
from glueprint.runtime.quality.recommendation import recommended_ruleset
from glueprint.runtime.storage.endpoints import default_client


def main() -> None:
    """Carry out the request in the file that ``--request`` names, and write the result file."""
    request = json.loads(Path(sys.argv[sys.argv.index("--request") + 1]).read_text(encoding="utf-8"))
    context = _glue_context()
    data = _table(context, request["DataSource"])
    if request["Kind"] == "recommendation":
        found: dict[str, Any] = {"RecommendedRuleset": str(recommended_ruleset(data))}
    else:
        others = (request.get("AdditionalDataSources") or {}).items()
        sources = {alias: _table(context, source) for alias, source in others}
        found = {"Results": [_evaluated(request, one, data, sources) for one in request["Rulesets"]]}
    Path(request["ResultFile"]).write_text(json.dumps(found), encoding="utf-8")


def _evaluated(
    request: Mapping[str, Any], ruleset: Mapping[str, str], data: DataFrame, sources: Mapping[str, DataFrame]
) -> dict[str, Any]:
    options = request.get("AdditionalRunOptions") or {}
    started = _now()
    by_row = options.get("CompositeRuleEvaluationMethod") == "ROW"
    evaluation = evaluate(data, parse(ruleset["Ruleset"]), Options(sources, by_row=by_row))
    times = Times(started, _now())
    note_outcomes(evaluation.outcomes, ruleset["Name"])
    if options.get("ResultsS3Prefix"):
        table = _members(request["DataSource"])
        place = {
            "catalogId": request["CatalogId"],
            "databaseName": table["DatabaseName"],
            "tableName": table["TableName"],
            "dqRunId": request["RunId"],
        }
        lines = json_lines(evaluation, times, place)
        write_lines(default_client("s3"), options["ResultsS3Prefix"], lines, times.completed)
    return {"RulesetName": ruleset["Name"], "Result": result_document(evaluation, times)}


def _glue_context() -> Any:
    from awsglue.context import GlueContext
    from pyspark.context import SparkContext

    return GlueContext(SparkContext.getOrCreate())


def _table(context: Any, source: Mapping[str, Any]) -> DataFrame:
    table = _members(source)
    options = table.get("AdditionalOptions") or {}
    frame = context.create_dynamic_frame.from_catalog(
        database=table["DatabaseName"],
        table_name=table["TableName"],
        push_down_predicate=options.get("pushDownPredicate", ""),
        additional_options={name: options[name] for name in ("catalogPartitionPredicate",) if name in options},
    )
    data: DataFrame = frame.toDF()
    return data


def _members(source: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = source.get("GlueTable") or source["DataQualityGlueTable"]
    return found


def _now() -> datetime.datetime:
    return datetime.datetime.now(UTC)
