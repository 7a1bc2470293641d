"""A blueprint, run for a test from its sources to the end of its workflow's run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glueprint.blueprint.archive import write_archive
from glueprint.blueprint.bundler import bundle
from glueprint.client.blueprints import blueprint as request_blueprint
from glueprint.client.blueprints import blueprint_run, layout_log
from glueprint.client.job_runs import JobRunView
from glueprint.client.runs import workflow_run
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
        run: the run as GetWorkflowRun returns it, with its graph.
    """

    status: str
    jobs: Mapping[str, tuple[JobResult, ...]]
    crawls: Mapping[str, tuple[str, ...]]
    properties: Mapping[str, str]
    run: Mapping[str, Any] = field(repr=False)

    @property
    def succeeded(self) -> bool:
        """Whether the last run of every job and the last crawl of every crawler ended SUCCEEDED."""
        jobs_ended_well = all(runs[-1].succeeded for runs in self.jobs.values() if runs)
        return jobs_ended_well and all(states[-1] == "SUCCEEDED" for states in self.crawls.values() if states)


@dataclass(frozen=True)
class BlueprintResult:
    """How a blueprint was registered and run.

    Attributes:
        state: SUCCEEDED or FAILED: that of the blueprint run; FAILED also if the blueprint was not accepted.
        error: why it failed.
        workflow: the name of the workflow that it created.
        run: how that workflow's run ended; None when it was not run.
        output: the lines that the layout printed.
        warnings: what was dropped or changed of what the layout described.
    """

    state: str
    error: str | None = None
    workflow: str | None = None
    run: WorkflowResult | None = None
    output: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def succeeded(self) -> bool:
        """Whether the workflow was created, and ended well if it was run."""
        return self.state == "SUCCEEDED" and (self.run is None or self.run.succeeded)


def run_blueprint(
    glue: LocalGlue, name: str, params: Mapping[str, Any], *, root: Path, start: bool, seconds: float
) -> BlueprintResult:
    """Bundle, register and run blueprint ``name`` of the repository ``root``; with ``start`` its workflow too.

    Raises:
        BundleError: it contains every problem of the blueprint's sources.
        TimedOut: it did not end within ``seconds``.
    """
    client = glue.client("glue")
    archive = write_archive(bundle(root, name))
    client.create_blueprint(Name=name, BlueprintLocation=glue.put(f"s3://{BUCKET}/{name}.zip", archive))

    registered = wait_for(
        lambda: request_blueprint(client, name),
        lambda blueprint: blueprint.is_final,
        f"the registration of blueprint {name}",
        seconds,
    )
    if registered.status == "FAILED":
        return BlueprintResult("FAILED", registered.error)
    run_id = client.start_blueprint_run(BlueprintName=name, RoleArn=ROLE, Parameters=json.dumps(params))["RunId"]
    run = wait_for(
        lambda: blueprint_run(client, name, run_id),
        lambda run: run.is_final,
        f"the end of the run of blueprint {name}",
        seconds,
    )
    log = layout_log(glue.client("logs"), run_id)
    if run.state == "FAILED" or run.workflow is None:
        return BlueprintResult("FAILED", run.error, run.workflow, None, log.output, log.warnings)
    ended = run_workflow(glue, run.workflow, seconds) if start else None
    return BlueprintResult("SUCCEEDED", None, run.workflow, ended, log.output, log.warnings)


def run_workflow(glue: LocalGlue, name: str, seconds: float) -> WorkflowResult:
    """Run a workflow and wait for its end.

    Raises:
        TimedOut: it did not end within ``seconds``.
    """
    client = glue.client("glue")
    run_id = client.start_workflow_run(Name=name)["RunId"]

    run = wait_for(
        lambda: workflow_run(client, name, run_id),
        lambda run: run.is_final,
        f"the end of the run of workflow {name}",
        seconds,
    )
    jobs, crawls = {}, {}
    for node in run.wire["Graph"]["Nodes"]:
        if node["Type"] == "JOB":
            runs = sorted(node.get("JobDetails", {}).get("JobRuns", []), key=_attempt)
            jobs[node["Name"]] = tuple(result_of(glue, JobRunView.from_wire(one)) for one in runs)
        elif node["Type"] == "CRAWLER":
            found = node.get("CrawlerDetails", {}).get("Crawls", [])
            crawls[node["Name"]] = tuple(crawl["State"] for crawl in found)
    properties = client.get_workflow_run_properties(Name=name, RunId=run_id)["RunProperties"]
    return WorkflowResult(run.status, jobs, crawls, properties, run.wire)


def _attempt(run: Mapping[str, Any]) -> int:
    attempt: int = run.get("Attempt", 0)
    return attempt
