"""`glueprint resume`: nodes by name, and the new run watched like any other."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import Result
from harness.scripted_glue import Stage
from harness.shapes import run_frame

Glueprint = Callable[..., Result]


@pytest.fixture
def ended(stage: Stage) -> Stage:
    """``nightly`` ended with a failed job; a resumed run succeeds."""
    stage.glue.runs["wr_1"] = [run_frame("COMPLETED", {"look": "SUCCEEDED", "crawl": ("FAILED", "no")})]
    stage.glue.workflows["nightly"]["LastRun"] = {"WorkflowRunId": "wr_1"}
    again = {"look": "SUCCEEDED", "crawl": "RUNNING"}
    done = {"look": "SUCCEEDED", "crawl": "SUCCEEDED", "load": "SUCCEEDED"}
    stage.glue.runs["wr_2"] = [
        run_frame("RUNNING", again, WorkflowRunId="wr_2"),
        run_frame("COMPLETED", done, WorkflowRunId="wr_2"),
    ]
    return stage


@pytest.mark.parametrize("arguments", [("wr_1",), ("nightly", "wr_1"), ("nightly", "latest"), ("nightly",)])
def test_names_become_the_runs_node_ids(ended: Stage, glueprint: Glueprint, arguments: tuple[str, ...]) -> None:
    """ResumeWorkflowRun wants UniqueIds of the run's graph (service model); people know names."""
    result = glueprint("resume", *arguments, "--from", "crawl", "--from", "job/look", "--from", "crawl")
    assert (result.exit_code, result.stdout) == (0, "wr_2\n")
    assert ended.glue.sent("ResumeWorkflowRun") == [
        {"Name": "nightly", "RunId": "wr_1", "NodeIds": ["n-crawl", "n-look"]}
    ]


def test_waiting_shows_progress_and_ends_like_run(ended: Stage, glueprint: Glueprint) -> None:
    """Live progress like `run`: a line for each change, the report, the exit code."""
    result = glueprint("resume", "nightly", "wr_1", "--from", "crawl", "--wait")
    assert result.exit_code == 0, result.output
    assert "crawler crawl RUNNING" in result.stdout
    assert "3 actions succeeded" in result.stdout
    assert result.stderr == "run wr_1 continues as wr_2\n"
    ended.glue.runs["wr_2"] = [run_frame("COMPLETED", {"look": "FAILED"}, WorkflowRunId="wr_2")]
    failed = glueprint("resume", "nightly", "wr_1", "--from", "crawl", "--wait")
    assert failed.exit_code == 1
    assert "glueprint explain nightly wr_2" in failed.stderr


def test_as_json_stdout_is_one_document(ended: Stage, glueprint: Glueprint) -> None:
    """--json where data is printed: the answer, or with --wait the run as it ended."""
    answer = json.loads(glueprint("resume", "wr_1", "--from", "crawl", "--json").stdout)
    assert answer == {"RunId": "wr_2", "NodeIds": ["n-crawl"]}
    run = json.loads(glueprint("resume", "wr_1", "--from", "crawl", "--wait", "--json").stdout)
    assert (run["WorkflowRunId"], run["Status"]) == ("wr_2", "COMPLETED")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--from", "lod", "--from", "start"), "has no 'lod'; did you mean load?\n'start' is a trigger"),
        ((), "Missing option '--from'"),
    ],
)
def test_wrong_names_start_nothing(
    ended: Stage, glueprint: Glueprint, arguments: tuple[str, ...], expected: str
) -> None:
    """All wrong names at once with similar names, exit code 2, and no request to resume."""
    result = glueprint("resume", "nightly", "wr_1", *arguments)
    assert (result.exit_code, ended.glue.sent("ResumeWorkflowRun")) == (2, [])
    assert expected in result.stderr
