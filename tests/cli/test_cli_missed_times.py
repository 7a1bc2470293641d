"""``status`` and ``explain`` show the times of schedules that passed while no server ran."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from click.testing import Result
from harness.scripted_glue import Stage
from harness.shapes import TRIGGERS, graph, run_frame, trigger

from glueprint.cli.render.words import moment
from glueprint.compat import UTC

Run = Callable[..., Result]
WHY = "no local Glue was running, or the computer slept (schedules fire only while `glueprint serve` runs)"


def _missed(subject: str, latest: datetime, count: int = 2) -> dict[str, Any]:
    times = {"First": (latest - timedelta(days=1)).timestamp(), "Latest": latest.timestamp()}
    return {"Subject": subject, "Count": count, **times, "Noticed": latest.timestamp() + 3600}


@pytest.fixture
def latest(stage: Stage) -> datetime:
    """The trigger that starts ``nightly``, and ``daily`` outside workflows, missed a time an hour ago."""
    when = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    start = TRIGGERS[0] | {"Type": "SCHEDULED", "Schedule": "cron(0 6 * * ? *)", "State": "ACTIVATED"}
    stage.glue.workflows["nightly"]["Graph"] = graph([start, *TRIGGERS[1:]])
    stage.glue.triggers["daily"] = trigger("daily", ["alone"], Type="SCHEDULED", Schedule="cron(0 6 * * ? *)")
    stage.glue.missed_times = [_missed(f"trigger/{start['Name']}", when), _missed("trigger/daily", when, 1)]
    return when


def test_missed_times_of_a_workflow_are_shown_with_what_to_do(
    stage: Stage, latest: datetime, glueprint: Run
) -> None:
    """When and why a time was missed, and the command that starts the workflow now."""
    line = (
        f"2 scheduled times were missed by workflow `nightly`, the latest at {moment(latest)}: {WHY}. "
        "Start it now: `glueprint run nightly`"
    )
    for arguments in (("status",), ("status", "nightly"), ("explain", "nightly")):
        assert line in glueprint(*arguments).stdout.splitlines()
    (found,) = json.loads(glueprint("explain", "nightly", "--json").stdout)["missed_times"]
    assert (found["kind"], found["count"]) == ("trigger", 2)
    assert datetime.fromisoformat(found["latest"]) == latest
    assert json.loads(glueprint("status", "nightly", "--json").stdout)["MissedTimes"] == [found]


def test_missed_times_of_a_trigger_outside_workflows_are_shown(latest: datetime, glueprint: Run) -> None:
    """StartTrigger would only activate its schedule, so that the actions themselves are named."""
    line = (
        f"1 scheduled time was missed by trigger `daily`, at {moment(latest)}: {WHY}. "
        "StartJobRun or StartCrawler starts its actions now."
    )
    for arguments in (("status",), ("status", "trigger/daily"), ("explain", "trigger/daily")):
        assert line in glueprint(*arguments).stdout.splitlines()
    found = json.loads(glueprint("status", "--json").stdout)["MissedTimes"]
    assert [one["count"] for one in found] == [2, 1]


def test_the_overview_leaves_out_what_was_made_up_for_or_is_old(
    stage: Stage, latest: datetime, glueprint: Run
) -> None:
    """A workflow that ran since needs no notice; nor does a time of last month. Their own pages keep them."""
    run = run_frame("COMPLETED", {"look": "SUCCEEDED", "crawl": "SUCCEEDED", "load": "SUCCEEDED"})
    run["StartedOn"] = latest.timestamp() + 60
    stage.glue.runs["wr_1"] = [run]
    stage.glue.workflows["nightly"]["LastRun"] = run
    stage.glue.missed_times[1] = _missed("trigger/daily", latest - timedelta(days=30))
    assert "missed" not in glueprint("status").stdout
    assert "It has run since." in glueprint("status", "nightly").stdout
    assert "missed by trigger `daily`" in glueprint("status", "trigger/daily").stdout


def test_a_glue_that_reports_no_missed_times_is_read_as_before(
    stage: Stage, glueprint: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another Glue at the endpoint may have no such call: commands work without it."""
    monkeypatch.setattr(stage.glue, "missed_times", property)  # cannot be answered as JSON
    assert glueprint("status").exit_code == 0
