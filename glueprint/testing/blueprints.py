"""A blueprint, run for a test from its sources to the end of its workflow's run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glueprint.blueprint.archive import write_archive
from glueprint.blueprint.bundler import bundle
from glueprint.facts.states import FINAL_BLUEPRINT_RUN_STATES, FINAL_BLUEPRINT_STATUSES, FINAL_RUN_STATUSES
from glueprint.testing.glue import BUCKET, ROLE, LocalGlue, wait_for
from glueprint.testing.jobs import JobResult, result_of


@dataclass(frozen=True)
class WorkflowResult:
    """How a workflow run ended.

    Attributes:
        status: Glue's status of the run: COMPLETED also when jobs failed.
        jobs: by the job's name, its runs in the order of their attempts.
        crawls: by the crawler's name, the states of its crawls.
        properties: the run properties at the end.
        run: the run as GetWorkflowRun gives it, graph included.
    """

    status: str
    jobs: Mapping[str, tuple[JobResult, ...]]
    crawls: Mapping[str, tuple[str, ...]]
    properties: Mapping[str, str]
    run: Mapping[str, Any] = field(repr=False)

    @property
    def succeeded(self) -> bool:
        """Whether every job's last run and every crawl that was started ended SUCCEEDED."""
        jobs_ended_well = all(runs[-1].succeeded for runs in self.jobs.values() if runs)
        return jobs_ended_well and all(states[-1] == "SUCCEEDED" for states in self.crawls.values() if states)


@dataclass(frozen=True)
class BlueprintResult:
    """What became of a blueprint.

    Attributes:
        state: of the blueprint run: SUCCEEDED or FAILED; FAILED as well when the blueprint was not accepted.
        error: why it failed.
        workflow: the name of the workflow that it made.
        run: how that workflow's run ended; None when it was not run.
    """

    state: str
    error: str | None = None
    workflow: str | None = None
    run: WorkflowResult | None = None

    @property
    def succeeded(self) -> bool:
        """Whether the workflow was created, and ended well if it was run."""
        return self.state == "SUCCEEDED" and (self.run is None or self.run.succeeded)


def run_blueprint(
    glue: LocalGlue, name: str, params: Mapping[str, Any], *, root: Path, start: bool, seconds: float
) -> BlueprintResult:
    """Bundle, register and run blueprint ``name`` of the repository ``root``; with ``start`` its workflow too.

    Raises:
        BundleError: the blueprint's sources have faults; all of them are named.
        TimedOut: it did not end within ``seconds``.
    """
    client = glue.client("glue")
    archive = write_archive(bundle(root, name))
    client.create_blueprint(Name=name, BlueprintLocation=glue.put(f"s3://{BUCKET}/{name}.zip", archive))

    def registered() -> dict[str, Any] | None:
        found: dict[str, Any] = client.get_blueprint(Name=name)["Blueprint"]
        return found if found["Status"] in FINAL_BLUEPRINT_STATUSES else None

    blueprint = wait_for(registered, f"the registration of blueprint {name}", seconds)
    if blueprint["Status"] == "FAILED":
        return BlueprintResult("FAILED", blueprint.get("ErrorMessage"))
    run_id = client.start_blueprint_run(BlueprintName=name, RoleArn=ROLE, Parameters=json.dumps(params))["RunId"]

    def created() -> dict[str, Any] | None:
        found: dict[str, Any] = client.get_blueprint_run(BlueprintName=name, RunId=run_id)["BlueprintRun"]
        return found if found["State"] in FINAL_BLUEPRINT_RUN_STATES else None

    run = wait_for(created, f"the end of the run of blueprint {name}", seconds)
    if run["State"] == "FAILED":
        return BlueprintResult("FAILED", run.get("ErrorMessage"), run.get("WorkflowName"))
    workflow: str = run["WorkflowName"]
    return BlueprintResult("SUCCEEDED", None, workflow, run_workflow(glue, workflow, seconds) if start else None)


def run_workflow(glue: LocalGlue, name: str, seconds: float) -> WorkflowResult:
    """Run a workflow and wait for its end.

    Raises:
        TimedOut: it did not end within ``seconds``.
    """
    client = glue.client("glue")
    run_id = client.start_workflow_run(Name=name)["RunId"]

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = client.get_workflow_run(Name=name, RunId=run_id, IncludeGraph=True)["Run"]
        return found if found["Status"] in FINAL_RUN_STATUSES else None

    run = wait_for(look, f"the end of the run of workflow {name}", seconds)
    jobs, crawls = {}, {}
    for node in run["Graph"]["Nodes"]:
        if node["Type"] == "JOB":
            runs = node.get("JobDetails", {}).get("JobRuns", [])
            jobs[node["Name"]] = tuple(result_of(glue, one) for one in sorted(runs, key=_attempt))
        elif node["Type"] == "CRAWLER":
            found = node.get("CrawlerDetails", {}).get("Crawls", [])
            crawls[node["Name"]] = tuple(crawl["State"] for crawl in found)
    properties = client.get_workflow_run_properties(Name=name, RunId=run_id)["RunProperties"]
    return WorkflowResult(run["Status"], jobs, crawls, properties, run)


def _attempt(run: Mapping[str, Any]) -> int:
    attempt: int = run.get("Attempt", 0)
    return attempt
