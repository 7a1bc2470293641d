"""Name prefixes: the names that a blueprint gives end in random letters (docs/decisions/commands.md)."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import Result
from harness.scripted_glue import Stage
from harness.shapes import TRIGGERS, graph, run_frame, trigger

from glueprint.client.errors import Ambiguous
from glueprint.client.graph_names import find_nodes, find_subjects
from glueprint.client.session import ignore
from glueprint.workflow.wire import graph_from_wire

Glueprint = Callable[..., Result]

MADE = graph_from_wire(
    graph(
        [
            trigger("start", ["look_1x2y"]),
            trigger("look_done", ["crawl_1x2y", "load_1x2y", "load"], ("look_1x2y", "SUCCEEDED")),
        ]
    )
)
"""Jobs look_1x2y, load_1x2y and load, crawler crawl_1x2y, triggers start and look_done."""


@pytest.fixture
def nightlies(ran: Stage) -> Stage:
    """``nightly`` has run; ``nightly_sales`` and ``weekly`` have not."""
    for name in ("nightly_sales", "weekly"):
        ran.glue.workflows[name] = {"Name": name, "Graph": graph(TRIGGERS)}
    return ran


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "week", "--no-wait"),
        ("status", "week"),
        ("graph", "week"),
        ("stop", "week"),
        ("resume", "week", "--from", "look"),
        ("explain", "week"),
        ("simulate", "week"),
        ("logs", "week"),
    ],
)
def test_a_prefix_of_one_name_selects_it(
    nightlies: Stage, glueprint: Glueprint, arguments: tuple[str, ...]
) -> None:
    """Every command that takes a workflow completes its name and prints it (docs/decisions/commands.md)."""
    result = glueprint(*arguments)
    assert result.stderr.startswith("'week' matches weekly\n")
    assert "there is no workflow" not in result.stderr
    assert {sent["Name"] for name, sent in nightlies.glue.requests if name == "StartWorkflowRun"} <= {"weekly"}


@pytest.mark.parametrize(
    "arguments", [("run", "night"), ("stop", "night"), ("logs", "night"), ("explain", "night")]
)
def test_a_prefix_of_several_names_is_refused_with_all_of_them(
    nightlies: Stage, glueprint: Glueprint, arguments: tuple[str, ...]
) -> None:
    """A guess could start or stop the wrong thing (docs/decisions/commands.md)."""
    result = glueprint(*arguments)
    assert result.exit_code == 1
    expected = "Error: 'night' is ambiguous: it matches 2 names: nightly, nightly_sales; give more of the name\n"
    assert result.stderr == expected
    assert not nightlies.glue.sent("StartWorkflowRun") + nightlies.glue.sent("StopWorkflowRun")


def test_an_exact_name_wins(nightlies: Stage, glueprint: Glueprint) -> None:
    """``nightly`` is also a prefix of ``nightly_sales`` (docs/decisions/commands.md)."""
    result = glueprint("run", "nightly", "--no-wait")
    assert (result.exit_code, result.stderr) == (0, "")
    assert nightlies.glue.sent("StartWorkflowRun") == [{"Name": "nightly", "RunProperties": {}}]


def test_an_empty_name_is_not_a_prefix(nightlies: Stage, glueprint: Glueprint) -> None:
    """`glueprint stop "$UNSET"` must not select the only workflow that exists."""
    for arguments in (("stop", ""), ("status", ""), ("logs", ""), ("status", "nightly", "")):
        result = glueprint(*arguments)
        assert result.exit_code == 1
        assert "''" in result.stderr or "neither a workflow nor a job" in result.stderr


def test_a_runs_id_may_be_cut(nightlies: Stage, glueprint: Glueprint) -> None:
    """Ids have 64 digits; documents and logs show them cut (docs/explain.md)."""
    nightlies.glue.runs["wr_12ab"] = [run_frame("COMPLETED", {"look": "SUCCEEDED"}, WorkflowRunId="wr_12ab")]
    for arguments in (("nightly", "wr_12"), ("wr_12",)):
        result = glueprint("status", *arguments, "--json")
        assert json.loads(result.stdout)["Run"]["WorkflowRunId"] == "wr_12ab"
        assert result.stderr == "'wr_12' matches wr_12ab\n"
    several = glueprint("status", "nightly", "wr_")
    assert (
        several.stderr == "Error: 'wr_' is ambiguous: it matches 2 names: wr_1, wr_12ab; give more of the name\n"
    )
    assert "nightly has no run wr_9" in glueprint("status", "nightly", "wr_9").stderr


def test_a_job_runs_id_may_be_cut(stage: Stage, glueprint: Glueprint) -> None:
    """As a workflow run's; the whole id goes to the API."""
    stage.glue.job_runs["jr_9f"] = {"Id": "jr_9f", "JobName": "alone", "JobRunState": "RUNNING"}
    assert glueprint("stop", "jr_9").stdout == "jr_9f STOPPED\n"
    assert stage.glue.sent("BatchStopJobRun") == [{"JobName": "alone", "JobRunIds": ["jr_9f"]}]


def test_logs_take_full_names_first_and_workflows_before_jobs(nightlies: Stage, glueprint: Glueprint) -> None:
    """A blueprint's jobs begin with their workflow's name, so `logs orders` and `logs ord` mean the workflow."""
    for number, name in enumerate(("week", "weekly_look_1x2y", "nightl", "other_1x2y")):
        run = {"Id": f"jr_{number}", "JobName": name, "JobRunState": "SUCCEEDED"}
        nightlies.glue.job_runs[f"jr_{number}"] = run
    assert glueprint("logs", "week").stderr == "nothing was written\n", "the job of exactly that name"
    assert glueprint("logs", "weekl").stderr.startswith("'weekl' matches weekly\n")
    assert glueprint("logs", "other").stderr.startswith("'other' matches other_1x2y\n")
    assert "did you mean other_1x2y?" in glueprint("logs", "othr_1x2y").stderr


def test_nodes_by_prefixes() -> None:
    """`resume --from look`, `simulate --fail crawler/cr`: triggers are not nodes; full names take precedence."""
    assert [node.name for node in find_nodes(["look", "crawler/cr", "load"], MADE, ignore)] == [
        "look_1x2y",
        "crawl_1x2y",
        "load",
    ]


def test_a_node_that_could_be_several_is_refused_with_their_kinds() -> None:
    """A job and a trigger have a common prefix: the candidates are listed as they can be typed."""
    with pytest.raises(Ambiguous, match="it matches 2 names: job/look_1x2y, trigger/look_done"):
        find_subjects("look", MADE, ignore)
    (found,) = find_subjects("trigger/look", MADE, ignore)
    assert found.name == "look_done"
