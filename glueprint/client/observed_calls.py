"""Which calls of AWS the jobs and the layout of a run made: only the local Glue records them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from glueprint.client.errors import InvalidArgument, NotFound
from glueprint.client.lookup import Lookup
from glueprint.client.private_route import read
from glueprint.client.session import Session

Calls = Sequence[Mapping[str, Any]]
"""Each has Service, Operation, and Needs: a list of Action and Resource."""


LAYOUT = ""
"""In place of a job's name: the layout of a blueprint run."""


def runs_of(session: Session, run: str) -> dict[str, list[str]]:
    """Return the ids of job runs by job, and of the blueprint run by :data:`LAYOUT`.

    Args:
        run: the id of a workflow run (with all its jobs, and the blueprint run that made the workflow), a job run
            or a blueprint run, or a prefix of it.
    """
    if session.endpoint is None:
        raise InvalidArgument("--observe reads what the local Glue has recorded", "leave out --aws")
    lookup = Lookup(session)
    if run.startswith("jr_"):
        view = lookup.job_run(run)
        return {view.job: [view.run_id]}
    if run.startswith("br_"):
        return {LAYOUT: [lookup.blueprint_of_run(run)[1]]}
    workflow, run_id = lookup.workflow_of_run(run)
    shape = session.glue.get_workflow_run(Name=workflow, RunId=run_id, IncludeGraph=True)["Run"]
    found = {
        node["Name"]: [one["Id"] for one in node.get("JobDetails", {}).get("JobRuns", ())]
        for node in shape.get("Graph", {}).get("Nodes", ())
        if node["Type"] == "JOB"
    }
    if not any(found.values()):
        raise NotFound(f"no job has run in {run_id}", "observe a run in which the jobs ran")
    details = session.glue.get_workflow(Name=workflow)["Workflow"].get("BlueprintDetails")
    return {**found, LAYOUT: [details["RunId"]]} if details else found


def observed_calls(session: Session, run_id: str) -> Calls:
    """Return the calls of one job run or blueprint run; a last one ``{"Incomplete": True}`` if there were more."""
    if session.endpoint is None:
        return []
    calls: Calls = read(session.endpoint, "observed-calls", {"RunId": run_id}).get("Calls", [])
    return calls
