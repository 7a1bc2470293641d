"""The private route about data quality: only for a running run, repeated calls, earlier values."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from glueprint.local.assembly import MIGRATIONS
from glueprint.local.job_api.quality import RunQuality
from glueprint.local.protocol import ApiError
from glueprint.local.store import Database
from glueprint.local.store.quality_results import served_result

_RUN = (
    "INSERT INTO job_run (id, submission_id, job_name, attempt, state, submitted, modified)"
    " VALUES (?, 's', ?, 0, ?, 0, 0)"
)
_SUBMISSION = (
    "INSERT INTO submission (id, job_name, spec, settings, predecessors) VALUES ('s', 'j', '{}', '{}', '[]')"
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A store with a running run of two jobs and one that is over."""
    made = Database(tmp_path / "state.sqlite", MIGRATIONS)

    def fill(tx: Any) -> None:
        tx.execute(_SUBMISSION)
        for run in (("jr_1", "j", "RUNNING"), ("jr_2", "other", "RUNNING"), ("jr_3", "j", "SUCCEEDED")):
            tx.execute(_RUN, run)

    made.write(fill)
    yield made
    made.close()


def _publish(quality: RunQuality, run: str, rows: float, token: str, *, served: bool = True) -> str:
    members = {
        "Context": "c",
        "Token": token,
        "Served": served,
        "Result": {"StartedOn": rows, "Score": 1.0},
        "Statistics": {"Dataset.*.RowCount": rows},
    }
    return str(quality.publish(run, members)["ResultId"])


def test_a_repeated_call_stores_one_result(database: Database) -> None:
    """A job that lost the answer publishes again with the same token."""
    quality = RunQuality(database)
    first = _publish(quality, "jr_1", 5.0, "t")
    assert _publish(quality, "jr_1", 5.0, "t") == first
    found = database.read(lambda tx: served_result(tx, first))
    assert found is not None
    assert (found["JobName"], found["JobRunId"], found["EvaluationContext"]) == ("j", "jr_1", "c")


def test_earlier_values_are_those_of_the_job_and_its_context(database: Database) -> None:
    """Newest first, at most the requested number, also of results that the API does not return (DG:dqdl)."""
    quality = RunQuality(database)
    for number in range(1, 4):
        _publish(quality, "jr_1", float(number), f"t{number}", served=number != 3)
    _publish(quality, "jr_2", 9.0, "other")
    wanted = {"Context": "c", "Statistic": "Dataset.*.RowCount", "Count": 2}
    assert quality.history("jr_1", wanted)["Values"] == [3.0, 2.0]
    assert quality.history("jr_1", {**wanted, "Context": "d"})["Values"] == []


def test_only_a_running_run_publishes(database: Database) -> None:
    """The route is open while the run is alive."""
    with pytest.raises(ApiError, match="jr_3 is SUCCEEDED: only a running one publishes results"):
        _publish(RunQuality(database), "jr_3", 1.0, "t")
