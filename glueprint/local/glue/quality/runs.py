"""Evaluation runs and recommendation runs on tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from glueprint.dqdl.model import simple_rules
from glueprint.local.clock import Clock
from glueprint.local.engine.engine import Engine
from glueprint.local.engine.quality_runs import QualityKind, find_run, require_run
from glueprint.local.glue.catalog.lookup import require_table
from glueprint.local.glue.family import Answer, Context, Family, Request, Transaction, operation, without_none
from glueprint.local.glue.paging import page_of_rows
from glueprint.local.glue.quality.rulesets import RULESETS, parsed_ruleset, require_ruleset
from glueprint.local.glue.quality.sources import source_key, table_of
from glueprint.local.glue.refusals import unsupported
from glueprint.local.protocol import Runs
from glueprint.local.protocol.errors import already_exists, invalid_input
from glueprint.local.store import Database, Row
from glueprint.local.store.resources import Document

DEFAULT_WORKERS = 5
DEFAULT_TIMEOUT_MINUTES = 2880
"""The defaults of the service model."""

_SHOWN = ("DataSource", "Role", "NumberOfWorkers", "Timeout", "AdditionalRunOptions")
_SHOWN_OF = {
    QualityKind.EVALUATION: ("RulesetNames", "AdditionalDataSources"),
    QualityKind.RECOMMENDATION: ("CreatedRulesetName", "DataQualitySecurityConfiguration", "RecommendationMode"),
}
"""Members of the request that a run shows."""

_UNSUPPORTED_OPTIONS = (
    "CustomLogGroupPrefix",
    "RowLevelResults",
    "ProfilingResults",
    "DataQualityRuleResults",
    "ObservationResults",
)


class QualityRunOperations(Family):
    """Operations on data quality runs."""

    def __init__(self, database: Database, clock: Clock, engine: Engine) -> None:
        super().__init__(database, clock)
        self._engine = engine

    @operation("StartDataQualityRulesetEvaluationRun", runs=Runs.IN_THREAD)
    def start_data_quality_ruleset_evaluation_run(self, context: Context, request: Request) -> Answer:
        """Service model, ``StartDataQualityRulesetEvaluationRun``: a Spark process evaluates the table."""
        members = _with_defaults(request)
        _refuse_options(members)

        def work(tx: Transaction) -> str:
            rulesets = [_evaluable(require_ruleset(tx, name)) for name in request["RulesetNames"]]
            for source in (request["DataSource"], *(request.get("AdditionalDataSources") or {}).values()):
                _require_source(tx, context, source)
            run = {
                **members,
                "Rulesets": rulesets,
                "NeedsCatalog": any(_uses_sql(one["Ruleset"]) for one in rulesets),
            }
            return self._start(tx, QualityKind.EVALUATION, run)

        return {"RunId": self._engine.write(work)}

    @operation("StartDataQualityRuleRecommendationRun", runs=Runs.IN_THREAD)
    def start_data_quality_rule_recommendation_run(self, context: Context, request: Request) -> Answer:
        """Service model, ``StartDataQualityRuleRecommendationRun``: rules that are true for the table's data."""
        members = _with_defaults(request)
        _refuse_options(members)
        if members.get("RecommendationMode", "BASIC") != "BASIC":
            raise unsupported("RecommendationMode ADVANCED")

        def work(tx: Transaction) -> str:
            _require_source(tx, context, request["DataSource"])
            name = request.get("CreatedRulesetName")
            if name is not None and RULESETS.exists(tx, name):
                raise already_exists(f"Data quality ruleset {name} already exists")
            return self._start(tx, QualityKind.RECOMMENDATION, members)

        return {"RunId": self._engine.write(work)}

    @operation("GetDataQualityRulesetEvaluationRun", runs=Runs.INLINE)
    def get_data_quality_ruleset_evaluation_run(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetDataQualityRulesetEvaluationRun``."""
        row = self.database.read(lambda tx: require_run(tx, QualityKind.EVALUATION, request["RunId"]))
        return self._described(row)

    @operation("BatchGetDataQualityRulesetEvaluationRun", runs=Runs.IN_THREAD)
    def batch_get_data_quality_ruleset_evaluation_run(self, context: Context, request: Request) -> Answer:
        """Service model, ``BatchGetDataQualityRulesetEvaluationRun``: missing ones are listed."""
        rows = self.database.read(lambda tx: {id_: find_run(tx, id_) for id_ in request["RunIds"]})
        found = {
            id_: row for id_, row in rows.items() if row is not None and row["kind"] == QualityKind.EVALUATION
        }
        return {
            "Runs": [self._described(row) for row in found.values()],
            "RunsNotFound": [id_ for id_ in rows if id_ not in found],
        }

    @operation("GetDataQualityRuleRecommendationRun", runs=Runs.INLINE)
    def get_data_quality_rule_recommendation_run(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetDataQualityRuleRecommendationRun``."""
        row = self.database.read(lambda tx: require_run(tx, QualityKind.RECOMMENDATION, request["RunId"]))
        return self._described(row)

    @operation("ListDataQualityRulesetEvaluationRuns", runs=Runs.IN_THREAD)
    def list_data_quality_ruleset_evaluation_runs(self, context: Context, request: Request) -> Answer:
        """Service model, ``ListDataQualityRulesetEvaluationRuns``: newest first."""
        return self._listed(QualityKind.EVALUATION, request)

    @operation("ListDataQualityRuleRecommendationRuns", runs=Runs.IN_THREAD)
    def list_data_quality_rule_recommendation_runs(self, context: Context, request: Request) -> Answer:
        """Service model, ``ListDataQualityRuleRecommendationRuns``: newest first."""
        if request.get("Tags"):
            raise unsupported("Tags of recommendation runs")
        return self._listed(QualityKind.RECOMMENDATION, request)

    @operation("CancelDataQualityRulesetEvaluationRun", runs=Runs.IN_THREAD)
    def cancel_data_quality_ruleset_evaluation_run(self, context: Context, request: Request) -> Answer:
        """Service model, ``CancelDataQualityRulesetEvaluationRun``: asynchronous."""
        self._cancel(QualityKind.EVALUATION, request)
        return {}

    @operation("CancelDataQualityRuleRecommendationRun", runs=Runs.IN_THREAD)
    def cancel_data_quality_rule_recommendation_run(self, context: Context, request: Request) -> Answer:
        """Service model, ``CancelDataQualityRuleRecommendationRun``: asynchronous."""
        self._cancel(QualityKind.RECOMMENDATION, request)
        return {}

    def _start(self, tx: Transaction, kind: QualityKind, members: Document) -> str:
        source = source_key(members["DataSource"])
        return self._engine.quality_runs.start(tx, kind, source, members, members["Timeout"])

    def _cancel(self, kind: QualityKind, request: Request) -> None:
        self._engine.write(lambda tx: self._engine.quality_runs.cancel(tx, kind, request["RunId"]))

    def _listed(self, kind: QualityKind, request: Request) -> Answer:
        criteria: Mapping[str, Any] = request.get("Filter") or {}
        select, values = "SELECT * FROM quality_run WHERE kind = ?", [kind.value]
        if criteria:
            select += " AND source = ?"
            values.append(source_key(criteria["DataSource"]))
        for member, sign in (("StartedAfter", ">"), ("StartedBefore", "<")):
            if criteria.get(member) is not None:
                select += f" AND started {sign} ?"
                values.append(criteria[member])
        if criteria.get("RulesetName") is not None:
            select += (
                " AND EXISTS (SELECT 1 FROM json_each(request, '$.RulesetNames') AS named WHERE named.value = ?)"
            )
            values.append(criteria["RulesetName"])
        rows, token = self.database.read(
            lambda tx: page_of_rows(tx, select, values, ("started", "id"), request, 100)
        )
        return {"Runs": [_summary(row) for row in rows], "NextToken": token}

    def _described(self, row: Row) -> Document:
        request, outcome = json.loads(row["request"]), json.loads(row["outcome"])
        since = row["running"]
        seconds = 0 if since is None else max(0, int((row["completed"] or self.clock.now()) - since))
        shown = (*_SHOWN, *_SHOWN_OF[QualityKind(row["kind"])])
        return without_none(
            {
                **{name: request.get(name) for name in shown},
                "RunId": row["id"],
                "Status": row["status"],
                "ErrorString": row["error"],
                "StartedOn": row["started"],
                "LastModifiedOn": row["modified"],
                "CompletedOn": row["completed"],
                "ExecutionTime": seconds,
                **outcome,
            }
        )


def _summary(row: Row) -> Document:
    request = json.loads(row["request"])
    members = {
        "RunId": row["id"],
        "Status": row["status"],
        "StartedOn": row["started"],
        "DataSource": request["DataSource"],
    }
    if row["kind"] == QualityKind.RECOMMENDATION:
        members["CreatedRulesetName"] = request.get("CreatedRulesetName")
    return without_none(members)


def _with_defaults(request: Request) -> Document:
    defaults = {"NumberOfWorkers": DEFAULT_WORKERS, "Timeout": DEFAULT_TIMEOUT_MINUTES}
    return defaults | without_none(request)


def _refuse_options(members: Document) -> None:
    """Raise ApiError for options that would have an effect on AWS and have none here."""
    for name in _UNSUPPORTED_OPTIONS:
        if (members.get("AdditionalRunOptions") or {}).get(name) is not None:
            raise unsupported(f"AdditionalRunOptions with {name}")


def _require_source(tx: Transaction, context: Context, source: Mapping[str, Any]) -> None:
    table = table_of(source)
    if table.get("PreProcessingQuery"):
        raise unsupported("DataSource with PreProcessingQuery")
    require_table(tx, context, table["DatabaseName"], table["TableName"])


def _evaluable(ruleset: Document) -> dict[str, str]:
    """Return a ruleset's name and text.

    Raises:
        ApiError: it has what only jobs evaluate (DG:dqdl, notes).
    """
    parsed = parsed_ruleset(ruleset["Ruleset"])
    for what, is_there in (
        ("dynamic rules (last())", parsed.is_dynamic),
        ("analyzers", bool(parsed.analyzers)),
        ("labels", bool(parsed.default_labels) or any(one.labels for one in parsed.rules)),
    ):
        if is_there:
            raise invalid_input(
                f"Ruleset {ruleset['Name']} has {what}: they are only supported in AWS Glue ETL, not for tables "
                "of the Data Catalog"
            )
    return {"Name": ruleset["Name"], "Ruleset": ruleset["Ruleset"]}


def _uses_sql(ruleset: str) -> bool:
    rules = parsed_ruleset(ruleset).rules
    return any(one.type == "CustomSql" for rule in rules for one in simple_rules(rule))
