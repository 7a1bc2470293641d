"""``glueprint status`` shows what failed, and knows jobs, job runs, crawlers and triggers outside workflows."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import Result
from harness.scripted_glue import Stage
from harness.shapes import START, run_frame, trigger

from glueprint.cli.render.words import run_status

Run = Callable[..., Result]


@pytest.fixture
def failed(stage: Stage) -> Stage:
    """``nightly`` is COMPLETED with one failed job; a job and a crawler failed outside of it."""
    run = run_frame("COMPLETED", {"look": ("FAILED", "ValueError: no"), "crawl": None, "load": None})
    stage.glue.runs["wr_1"] = [run]
    stage.glue.workflows["nightly"]["LastRun"] = run

    def job_run(run_id: str, job: str, at: float, **more: object) -> dict[str, object]:
        times = {"StartedOn": START.timestamp(), "CompletedOn": START.timestamp() + at}
        return {"Id": run_id, "JobName": job, "JobRunState": "FAILED", **times, **more}

    stage.glue.job_runs |= {
        "jr_look": job_run("jr_look", "look", 2, ErrorMessage="ValueError: no"),
        "jr_alone": job_run(
            "jr_alone", "alone", 9, ErrorMessage="KeyError: 'x'\nmore", Attempt=1, PreviousRunId="jr_0"
        ),
        "jr_0": job_run("jr_0", "alone", 8, ErrorMessage="first attempt"),
        "jr_fine": job_run("jr_fine", "alone", 7, JobRunState="SUCCEEDED"),
    }
    times = {"StartTime": START.timestamp(), "EndTime": START.timestamp() + 5}
    crawl = {"CrawlId": "c-1", "State": "FAILED", "ErrorMessage": "no such bucket", **times}
    stage.glue.crawls["sales"] = [crawl, {**crawl, "CrawlId": "c-0", "State": "COMPLETED"}]
    stage.glue.triggers["daily"] = trigger("daily", ["alone"], Type="SCHEDULED", Schedule="cron(0 6 * * ? *)")
    return stage


def test_a_completed_run_with_failures_shows_their_number(failed: Stage, glueprint: Run) -> None:
    """Glue's status is COMPLETED also if actions failed (service model, WorkflowRunStatistics)."""
    for arguments in ((), ("nightly",), ("nightly", "latest")):
        assert "COMPLETED, 1 failed" in glueprint("status", *arguments).stdout
    assert "glueprint status --failed" in glueprint("status").stderr
    assert str(run_status("COMPLETED", {"TimeoutActions": 2}).style) == "bold red"
    assert str(run_status("COMPLETED", {"SucceededActions": 2}).style) == "green"


def test_what_failed_is_listed_newest_first_with_its_reason(failed: Stage, glueprint: Run) -> None:
    """Jobs and crawlers, in workflows and outside; an attempt that was retried is not listed."""
    lines = glueprint("status", "--failed").stdout.splitlines()
    assert [line.split()[3] for line in lines[1:]] == ["job/alone", "crawler/sales", "job/look"]
    assert lines[1].endswith("KeyError: 'x'")
    assert lines[3].split()[4:] == ["nightly", "jr_look", "ValueError:", "no"]
    data = json.loads(glueprint("status", "--failed", "--json").stdout)["Failed"]
    assert [one["run_id"] for one in data] == ["jr_alone", "c-1", "jr_look"]
    assert [one["workflow"] for one in data] == [None, None, "nightly"]


def test_nothing_failed(ran: Stage, glueprint: Run) -> None:
    """One line, and exit code 0."""
    result = glueprint("status", "--failed")
    assert (result.exit_code, result.stdout.startswith("nothing failed")) == (0, True)


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("alone", "jr_alone"),
        ("job/al", "KeyError: 'x'"),
        ("jr_alone", "KeyError: 'x'"),
        ("sales", "no such bucket"),
        ("crawler/sales", "COMPLETED"),
        ("trigger/daily", "at cron(0 6 * * ? *) UTC"),
        ("daily", "job alone"),
    ],
)
def test_status_knows_more_than_workflows(what: str, expected: str, failed: Stage, glueprint: Run) -> None:
    """By full name, prefix, KIND/NAME, or run id."""
    result = glueprint("status", what)
    assert (result.exit_code, expected in result.stdout) == (0, True), result.output
    json.loads(glueprint("status", what, "--json").stdout)


def test_what_is_nowhere_is_an_error(failed: Stage, glueprint: Run) -> None:
    """It lists the kinds that were searched, and similar names."""
    result = glueprint("status", "salse")
    assert result.exit_code == 1
    assert "neither a workflow nor a job, crawler or trigger 'salse'; did you mean sales" in result.stderr


@pytest.mark.parametrize("what", ["jr_alone", "job/alone"])
def test_explain_knows_job_runs_outside_workflows(what: str, failed: Stage, glueprint: Run) -> None:
    """Reason and last error lines; exit code 1, since it failed."""
    failed.write_log("/aws-glue/jobs/error", "jr_alone", "KeyError: 'x'\nthe last line\n")
    failed.glue.job_runs = {"jr_alone": failed.glue.job_runs["jr_alone"]}
    result = glueprint("explain", what)
    assert result.exit_code == 1
    assert "reason: KeyError: 'x'" in result.stdout
    assert "| the last line" in result.stdout
    assert json.loads(glueprint("explain", what, "--json").stdout)["state"] == "FAILED"


def test_triggers_outside_workflows_are_drawn_and_explained(failed: Stage, glueprint: Run) -> None:
    """`graph` without a workflow; a trigger that is CREATED waits for StartTrigger (DG:about-triggers)."""
    failed.glue.triggers["after"] = trigger("after", ["more"], ("alone", "SUCCEEDED"))
    drawn = glueprint("graph").stdout
    assert drawn.startswith("triggers outside workflows")
    assert drawn.index("job alone") < drawn.index("when alone SUCCEEDED  after") < drawn.index("job more")
    assert "does not fire until StartTrigger" in glueprint("explain", "trigger/daily").stdout
    assert "ACTIVATED and fires when alone SUCCEEDED" in glueprint("explain", "trigger/after").stdout


def test_explain_counts_the_failures_in_its_headline(failed: Stage, glueprint: Run) -> None:
    """A COMPLETED run with a failed job must not look fine, as in `status`."""
    headline = glueprint("explain", "nightly", "--lines", "0").stdout.splitlines()[0]
    assert "  COMPLETED, 1 failed  2 of 3 nodes did not run" in headline


def test_a_job_or_crawler_outside_workflows_is_drawn(failed: Stage, glueprint: Run) -> None:
    """With the triggers that lead to it or follow from it, in any distance; not those of its siblings."""
    failed.glue.triggers |= {
        "after": trigger("after", ["more"], ("alone", "SUCCEEDED")),
        "last": trigger("last", [], ("more", "SUCCEEDED"), Actions=[{"CrawlerName": "sales"}]),
        "sibling": trigger("sibling", ["other"], ("alone", "FAILED")),
    }
    failed.glue.job_runs["jr_more"] = {**failed.glue.job_runs["jr_fine"], "JobName": "more"}
    heading, _, drawn = glueprint("graph", "job/more").stdout.partition("\n")
    assert heading == "job more"
    order = ["daily", "job alone", "after", "job more", "last", "crawler sales"]
    assert sorted(order, key=drawn.index) == order
    assert "sibling" not in drawn
    assert glueprint("graph", "crawler/sales").stdout.count("──") == drawn.count("──")
    assert "sibling" in glueprint("graph", "trigger/daily").stdout
    assert json.loads(glueprint("graph", "alone", "--json").stdout)["Graph"]["Nodes"]
    lonely = glueprint("graph", "crawler/lonely")
    assert (lonely.exit_code, lonely.stderr) == (1, "Error: there is no crawler 'lonely'\n")


def test_a_job_in_a_workflow_names_it(failed: Stage, glueprint: Run) -> None:
    """It has no triggers outside; the workflow's graph has it."""
    failed.glue.triggers["start"] = {**trigger("start", ["alone"]), "WorkflowName": "nightly"}
    failed.glue.triggers.pop("daily")
    result = glueprint("graph", "job/alone")
    assert result.stdout == "job alone\n"
    assert result.stderr == "job alone is in workflow nightly: glueprint graph nightly\n"
    failed.glue.triggers.clear()
    assert glueprint("graph", "job/alone").stderr == "no trigger starts or watches job alone\n"
