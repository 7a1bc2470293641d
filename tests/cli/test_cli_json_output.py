"""docs/json-output.md: the members that it documents are those that the commands print."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from harness.scripted_glue import Stage
from harness.shapes import run_frame

from glueprint.client.crawl_explanations import ExplainedCrawl, Partition
from glueprint.client.crawl_story import CrawlStory
from glueprint.client.crawls import CrawlView

Glueprint = Callable[..., Result]

PAGE = (Path(__file__).parents[2] / "docs" / "json-output.md").read_text("utf-8")


CREATED = {"BlueprintRun", "Workflow", "LayoutOutput", "LayoutWarnings"}


def section(heading: str) -> str:
    """The text below a heading, up to the next one."""
    return re.split(r"^#+ ", PAGE.split(f"# {heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


def documented(heading: str) -> set[str]:
    """The members in the first column of a section's table."""
    rows = re.findall(r"^\| (`.*?) \|", section(heading), re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


def printed(glueprint: Glueprint, *arguments: str) -> dict[str, Any]:
    """What a command prints with --json."""
    found: dict[str, Any] = json.loads(glueprint(*arguments, "--json").stdout)
    return found


@pytest.fixture
def failed(stage: Stage) -> Stage:
    """``nightly`` has run, and its first job failed."""
    stage.glue.runs["wr_1"] = [run_frame("COMPLETED", {"look": ("FAILED", "KeyError: 'x'")})]
    stage.glue.workflows["nightly"]["LastRun"] = {"WorkflowRunId": "wr_1"}
    return stage


def test_an_explained_run_has_the_documented_members(failed: Stage, glueprint: Glueprint) -> None:
    """Reasons with and without references, and logs that cannot be read."""
    found = printed(glueprint, "explain", "nightly")
    assert set(found) == documented("`explain WORKFLOW`")
    page = section("`explain WORKFLOW`")
    (failure,) = found["failures"]
    assert {name for name in failure["log"] if f"`{name}`" not in page} == set()
    assert {name for silence in found["silences"] for name in silence if f"`{name}`" not in page} == set()
    reasons = [one for silence in found["silences"] for one in [*silence["reasons"], *silence["root_causes"]]]
    assert {name for reason in reasons for name in reason} == documented("Reasons")


def test_a_workflow_without_runs_has_the_documented_members(stage: Stage, glueprint: Glueprint) -> None:
    """The same form; null where there is no run."""
    found = printed(glueprint, "explain", "nightly")
    assert set(found) == documented("`explain WORKFLOW`") - {"files_missing"}
    assert (found["run_id"], found["status"]) == (None, None)


def test_a_simulation_has_the_documented_members(stage: Stage, glueprint: Glueprint) -> None:
    """With findings, which --analyse adds."""
    page = section("`simulate`")
    assert set(printed(glueprint, "simulate", "nightly")) == documented("`simulate`") - {"findings"}
    found = printed(glueprint, "simulate", "nightly", "--fail", "look", "--analyse")
    assert set(found) == documented("`simulate`")
    assert {name for run in found["runs"] for name in run if f"`{name}`" not in page} == set()


def test_an_explained_crawl_has_the_documented_members() -> None:
    """With the partition that a question may name."""
    records = [{"level": "INFO", "text": "a"}, {"level": "INFO", "text": "b", "table": "t", "column": "c"}]
    story = CrawlStory.from_records(map(json.dumps, records))
    partition = Partition(("2024",), "s3://b/t/2024/", "1", "2", None, ("c",))
    found = ExplainedCrawl(CrawlView("sales", "3d2e", "COMPLETED"), story, partition=partition).to_json()
    assert set(found) == documented("`explain crawler/NAME`")
    page = section("`explain crawler/NAME`")
    nested: list[Mapping[str, Any]] = [*found["tables"], *found["tables"][0]["columns"], *found["log"]]
    names = {name for one in [*nested, found["partition"]] for name in one}
    assert {name for name in names if f"`{name}`" not in page} == set()


@pytest.mark.parametrize(
    ("arguments", "members"),
    [
        (("status",), {"Workflows", "MissedTimes"}),
        (("status", "nightly"), {"Runs", "MissedTimes"}),
        (("status", "nightly", "latest"), {"Run"}),
        (("graph", "nightly"), {"Graph"}),
        (("run", "nightly", "--no-wait"), {"RunId"}),
        (("resume", "nightly", "--from", "look"), {"RunId", "NodeIds"}),
        (("create", "presence", "--param", "WorkflowName=x"), CREATED),
    ],
)
def test_data_of_the_api_is_in_the_documented_members(
    ran: Stage, glueprint: Glueprint, arguments: tuple[str, ...], members: set[str]
) -> None:
    """One member for each list or object; within it the API's own names."""
    ran.glue.blueprints["presence"] = {"Name": "presence"}
    assert set(printed(glueprint, *arguments)) == members
    assert all(f"`{name}`" in PAGE for name in members)


def test_log_lines_have_the_documented_members(ran: Stage, glueprint: Glueprint) -> None:
    """One object per line."""
    ran.write_log("/aws-glue/jobs/output", "jr_look", "found\n")
    (line,) = glueprint("logs", "nightly", "--json").stdout.splitlines()
    assert set(json.loads(line)) == {"timestamp", "node", "stream", "message"}
