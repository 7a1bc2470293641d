"""Results of data quality evaluations, of jobs and of evaluation runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from glueprint.local.glue.family import Answer, Context, Family, Request, Transaction, operation
from glueprint.local.glue.paging import page_of_rows
from glueprint.local.glue.quality.sources import source_key
from glueprint.local.protocol import Runs
from glueprint.local.protocol.errors import not_found
from glueprint.local.store import Row
from glueprint.local.store.quality_results import served_result
from glueprint.local.store.resources import Document


class QualityResults(Family):
    """Operations on results."""

    @operation("GetDataQualityResult", runs=Runs.INLINE)
    def get_data_quality_result(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetDataQualityResult``."""
        found = self.database.read(lambda tx: served_result(tx, request["ResultId"]))
        if found is None:
            raise not_found(f"Data quality result {request['ResultId']} not found")
        return found

    @operation("BatchGetDataQualityResult", runs=Runs.IN_THREAD)
    def batch_get_data_quality_result(self, context: Context, request: Request) -> Answer:
        """Service model, ``BatchGetDataQualityResult``: missing ones are listed."""

        def work(tx: Transaction) -> dict[str, Document | None]:
            return {id_: served_result(tx, id_) for id_ in request["ResultIds"]}

        found = self.database.read(work)
        return {
            "Results": [one for one in found.values() if one is not None],
            "ResultsNotFound": [id_ for id_, one in found.items() if one is None],
        }

    @operation("ListDataQualityResults", runs=Runs.IN_THREAD)
    def list_data_quality_results(self, context: Context, request: Request) -> Answer:
        """Service model, ``ListDataQualityResults``: newest first."""
        condition, values = _condition(request.get("Filter") or {})
        select = f"SELECT body FROM quality_result WHERE {condition} AND served = ?"

        def work(tx: Transaction) -> tuple[list[Row], str | None]:
            return page_of_rows(tx, select, [*values, 1], ("started", "id"), request, 100)

        rows, token = self.database.read(work)
        return {"Results": [_description(json.loads(row["body"])) for row in rows], "NextToken": token}


def _condition(criteria: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """Return the filter as SQL, and the values of its marks."""
    parts: list[tuple[str, Any]] = []
    if criteria.get("DataSource") is not None:
        parts.append(("source = ?", source_key(criteria["DataSource"])))
    for member, column in (("JobName", "job_name = ?"), ("JobRunId", "job_run_id = ?")):
        if criteria.get(member) is not None:
            parts.append((column, criteria[member]))
    for member, column in (("StartedAfter", "started > ?"), ("StartedBefore", "started < ?")):
        if criteria.get(member) is not None:
            parts.append((column, criteria[member]))
    if criteria.get("EvaluationRunMode") is not None:
        parts.append(("(run_id IS NOT NULL) = ?", criteria["EvaluationRunMode"] == "ON_DEMAND"))
    if criteria.get("DataQualityEvaluationConfig") is not None:
        parts.append(("? IS NULL", criteria["DataQualityEvaluationConfig"]))
    return " AND ".join(text for text, _ in parts) or "1", [value for _, value in parts]


def _description(result: Document) -> Document:
    names = ("ResultId", "EvaluationRunMode", "DataSource", "JobName", "JobRunId", "StartedOn")
    return {name: result.get(name) for name in names}
