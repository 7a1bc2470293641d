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


def job_runs_of(session: Session, run: str) -> dict[str, list[str]]:
    """Return the ids of job runs by job: of a workflow run with all its jobs, or of one job run.

    Args:
        run: the id of a workflow run or job run, or a prefix of it.
    """
    if session.endpoint is None:
        raise InvalidArgument("--observe reads what the local Glue has recorded", "leave out --aws")
    lookup = Lookup(session)
    if run.startswith("jr_"):
        view = lookup.job_run(run)
        return {view.job: [view.run_id]}
    workflow, run_id = lookup.workflow_of_run(run)
    shape = session.glue.get_workflow_run(Name=workflow, RunId=run_id, IncludeGraph=True)["Run"]
    found = {
        node["Name"]: [one["Id"] for one in node.get("JobDetails", {}).get("JobRuns", ())]
        for node in shape.get("Graph", {}).get("Nodes", ())
        if node["Type"] == "JOB"
    }
    if not any(found.values()):
        raise NotFound(f"no job has run in {run_id}", "observe a run in which the jobs ran")
    return found


def observed_calls(session: Session, run_id: str) -> Calls:
    """Return the calls of one job run or blueprint run."""
    if session.endpoint is None:
        return []
    calls: list[Mapping[str, Any]] = read(session.endpoint, "observed-calls", {"RunId": run_id}).get("Calls", [])
    return [one for one in calls if "Operation" in one]
