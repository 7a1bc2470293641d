"""A job run publishes the results of data quality, and reads statistics of its job's earlier results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glueprint.local.identifiers import quality_result_id
from glueprint.local.job_api.requests import require_alive, text
from glueprint.local.job_api.route import Call
from glueprint.local.protocol.errors import invalid_input
from glueprint.local.store import Database
from glueprint.local.store.database import Connection
from glueprint.local.store.quality_results import QualityResult, add_result, earlier_values

MAX_HISTORY = 1000


class RunQuality:
    """The calls of the private route about data quality, each one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def calls(self) -> dict[str, Call]:
        """By the end of their path."""
        return {"quality/publish": self.publish, "quality/history": self.history}

    def publish(self, run_id: str, members: Mapping[str, Any]) -> Mapping[str, Any]:
        """Keep a result of the run; a repeated call (same ``Token``) returns the same id.

        Raises:
            ApiError: the run is over, or the result has another form.
        """
        context, token = text(members, "Context"), text(members, "Token")
        body, statistics = _object(members, "Result"), _object(members, "Statistics")
        started = body.get("StartedOn")
        if not isinstance(started, float):
            raise invalid_input(f"StartedOn must be a number of seconds, not {started!r}")
        id_ = quality_result_id()

        def work(tx: Connection) -> str:
            job_name = require_alive(tx, run_id, "publishes results")
            own = {"ResultId": id_, "JobName": job_name, "JobRunId": run_id}
            named = {"EvaluationContext": context, "RulesetName": context}
            result = QualityResult(
                id=id_,
                context=context,
                started=started,
                body={**body, **own, **named},
                statistics=statistics,
                served=members.get("Served") is True,
                token=token,
                job_name=job_name,
                job_run_id=run_id,
            )
            return add_result(tx, result)

        return {"ResultId": self._database.write(work)}

    def history(self, run_id: str, members: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the newest values of a statistic in earlier results of the run's job and the same context.

        Raises:
            ApiError: the run is over, or the request has another form.
        """
        context, name, count = text(members, "Context"), text(members, "Statistic"), members.get("Count")
        if not isinstance(count, int) or not 1 <= count <= MAX_HISTORY:
            raise invalid_input(f"Count must be a number from 1 to {MAX_HISTORY}, not {count!r}")

        def work(tx: Connection) -> list[float]:
            job_name = require_alive(tx, run_id, "reads earlier results")
            return earlier_values(tx, job_name, context, name, count)

        return {"Values": self._database.read(work)}


def _object(members: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = members.get(name)
    if not isinstance(value, dict):
        raise invalid_input(f"{name} must be a JSON object")
    return value
