"""Finding resources by what users type: full names, name prefixes, run ids and their prefixes, "latest".

A full name always takes precedence over a prefix. A prefix that matches several names is refused. What does not
exist is reported with similar names; AWS's own message is only "Entity not found".
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from glueprint.client.blueprints import blueprint_runs
from glueprint.client.errors import NotFound, is_not_found
from glueprint.client.job_runs import JobRunView, job_run
from glueprint.client.names import did_you_mean, listed, only_match, with_prefix
from glueprint.client.runs import RunView, workflow_run
from glueprint.client.session import Session
from glueprint.client.workflows import WorkflowView

LATEST = "latest"
"""Accepted as the id of a workflow's newest run."""


class Lookup:
    """Lookups in one Glue. Names that it completes are reported to the session's ``notify``."""

    def __init__(self, session: Session) -> None:
        self._glue = session.glue
        self._notify = session.notify

    def workflow(self, name: str) -> WorkflowView:
        """Return the workflow with this name or prefix, with its graph.

        Raises:
            NotFound: there is none.
            Ambiguous: several names start with ``name``.
        """
        found = self._workflow(name)
        if found is not None:
            return found
        names = self.workflow_names()
        matches = with_prefix(name, names)
        if not matches:
            raise NotFound(f"there is no workflow {name!r}", _advice(name, names, "glueprint create"))
        full_name = only_match(name, matches, self._notify)
        found = self._workflow(full_name)
        if found is None:
            raise NotFound(f"workflow {full_name} has just been deleted")
        return found

    def exact_workflow(self, name: str) -> WorkflowView:
        """Return the workflow with this name, for commands that change it: a prefix is not enough.

        Raises:
            NotFound: there is none.
        """
        found = self._workflow(name)
        if found is None:
            names = self.workflow_names()
            raise NotFound(f"there is no workflow {name!r}", _advice(name, names, "glueprint create"))
        return found

    def workflow_names(self) -> list[str]:
        """Return the names of all workflows."""
        pages = self._glue.get_paginator("list_workflows").paginate()
        return [str(name) for page in pages for name in page["Workflows"]]

    def workflow_run(self, workflow: str, run_id: str | None) -> RunView:
        """Return a run with its graph.

        Args:
            workflow: the workflow's name or a prefix of it.
            run_id: the run's id or a prefix of it; None and "latest" are the newest run.

        Raises:
            NotFound: there is no such workflow or run, or the workflow has not run yet.
            Ambiguous: several names or ids match.
        """
        if run_id is None or run_id == LATEST:
            found = self.workflow(workflow)
            name = found.name
            if found.last_run_id is None:
                raise NotFound(f"workflow {name} has not run yet", f"start it with `glueprint run {name}`")
            run_id = found.last_run_id
        else:
            run = self._run(workflow, run_id)
            if run is not None:
                return run
            name = self.workflow(workflow).name
            matches = with_prefix(run_id, self._run_ids(name))
            run_id = only_match(run_id, matches, self._notify) if matches else run_id
        run = self._run(name, run_id)
        if run is None:
            message = f"workflow {name} has no run {run_id or repr(run_id)}"
            raise NotFound(message, f"`glueprint status {name}` lists its runs")
        return run

    def workflow_of_run(self, run_id: str) -> tuple[str, str]:
        """Return the workflow that a run (``wr_...``) belongs to, and the run's full id.

        The API requires both, so every workflow is tried.

        Args:
            run_id: the run's id or a prefix of it.

        Raises:
            NotFound: there is no such run.
            Ambiguous: several ids start with ``run_id``.
        """
        names = self.workflow_names()
        for name in names:
            if self._run(name, run_id) is not None:
                return name, run_id
        matches = {one: name for name in names for one in with_prefix(run_id, self._run_ids(name))}
        if not matches:
            raise NotFound(f"no workflow has a run {run_id}")
        full_id = only_match(run_id, list(matches), self._notify)
        return matches[full_id], full_id

    def blueprint_of_run(self, run_id: str) -> tuple[str, str]:
        """Return the blueprint that a run (``br_...``) belongs to, and the run's full id. Every one is tried.

        Args:
            run_id: the run's id or a prefix of it.

        Raises:
            NotFound: there is no such run.
            Ambiguous: several ids start with ``run_id``.
        """
        names = self._blueprint_names()
        runs = {run.run_id: name for name in names for run in blueprint_runs(self._glue, name)}
        if run_id not in runs:
            matches = with_prefix(run_id, list(runs))
            if not matches:
                raise NotFound(f"no blueprint has a run {run_id}")
            run_id = only_match(run_id, matches, self._notify)
        return runs[run_id], run_id

    def job_names(self) -> list[str]:
        """Return the names of all jobs."""
        pages = self._glue.get_paginator("list_jobs").paginate()
        return [str(name) for page in pages for name in page["JobNames"]]

    def crawler_names(self) -> list[str]:
        """Return the names of all crawlers."""
        pages = self._glue.get_paginator("get_crawlers").paginate()  # boto3 has no paginator for ListCrawlers
        return [str(crawler["Name"]) for page in pages for crawler in page["Crawlers"]]

    def names_of(self, kind: str) -> list[str]:
        """Return the names of all resources of a kind: workflow, job, crawler or trigger."""
        if kind == "trigger":
            pages = self._glue.get_paginator("list_triggers").paginate()
            return [str(name) for page in pages for name in page["TriggerNames"]]
        names = {"workflow": self.workflow_names, "job": self.job_names, "crawler": self.crawler_names}
        return names[kind]()

    def job_run(self, run_id: str) -> JobRunView:
        """Return the job run with this id (``jr_...``) or prefix. Every job is tried.

        Raises:
            NotFound: there is no such run.
            Ambiguous: several ids start with ``run_id``.
        """
        names = self.job_names()
        for name in names:
            found = self._job_run(name, run_id)
            if found is not None:
                return found
        runs = (run for name in names for run in self._job_runs(name))
        matches = {run.run_id: run for run in runs if run.run_id.startswith(run_id)}
        if not matches:
            raise NotFound(f"no job has a run {run_id}")
        repeated = {run.wire.get("PreviousRunId") for run in matches.values() if run.wire.get("Attempt")}
        newest = [one for one in matches if one not in repeated]  # of the attempts of one run, the last
        return matches[only_match(run_id, newest, self._notify)]

    def latest_job_run(self, job: str) -> JobRunView:
        """Return the newest run of the job with this full name.

        Raises:
            NotFound: the job has not run yet.
        """
        runs = self._glue.get_job_runs(JobName=job, MaxResults=1).get("JobRuns", [])
        if not runs:
            raise NotFound(f"job {job} has not run yet")
        return JobRunView.from_wire(runs[0])

    def job_unless_workflow(self, name: str) -> str | None:
        """Return the full name of the job that ``name`` matches, or None if it matches a workflow.

        Full names take precedence over prefixes, and workflows over jobs: the names of a blueprint's jobs often
        start with the name of its workflow.

        Raises:
            NotFound: it matches neither.
            Ambiguous: it matches several jobs and no workflow.
        """
        workflows = self.workflow_names()
        if name in workflows:
            return None
        jobs = self.job_names()
        if name in jobs:
            return name
        if with_prefix(name, workflows):
            return None
        matches = with_prefix(name, jobs)
        if not matches:
            message = f"there is neither a workflow nor a job {name!r}"
            raise NotFound(message, did_you_mean(name, [*workflows, *jobs]))
        return only_match(name, matches, self._notify)

    def crawler(self, name: str) -> str:
        """Return the full name of the crawler with this name or prefix.

        Raises:
            NotFound: there is none.
            Ambiguous: several names start with ``name``.
        """
        if name and self._has_crawler(name):
            return name
        names = self.crawler_names()
        matches = with_prefix(name, names)
        if not matches:
            raise NotFound(f"there is no crawler {name!r}", _advice(name, names, "glueprint create"))
        return only_match(name, matches, self._notify)

    def _blueprint_names(self) -> list[str]:
        pages = self._glue.get_paginator("list_blueprints").paginate()
        return [str(name) for page in pages for name in page["Blueprints"]]

    @contextlib.contextmanager
    def blueprint(self, name: str) -> Iterator[None]:
        """Wrap requests about a blueprint whose name must be given in full.

        Raises:
            NotFound: a request failed because there is no such blueprint.
        """
        try:
            yield
        except self._glue.exceptions.ClientError as error:
            if not is_not_found(error):
                raise
            names = self._blueprint_names()
            if name in names:
                raise
            advice = _advice(name, names, f"glueprint register {name}")
            raise NotFound(f"there is no blueprint {name!r}", advice) from error

    def _workflow(self, name: str) -> WorkflowView | None:
        if not name:
            return None  # the API does not accept empty names
        try:
            return WorkflowView.from_wire(self._glue.get_workflow(Name=name, IncludeGraph=True)["Workflow"])
        except self._glue.exceptions.ClientError as error:
            if not is_not_found(error):
                raise
            return None

    def _run(self, workflow: str, run_id: str) -> RunView | None:
        if not workflow or not run_id:
            return None  # the API does not accept empty names
        try:
            return workflow_run(self._glue, workflow, run_id)
        except self._glue.exceptions.ClientError as error:
            if not is_not_found(error):
                raise
            return None

    def _job_run(self, job: str, run_id: str) -> JobRunView | None:
        try:
            return job_run(self._glue, job, run_id)
        except self._glue.exceptions.ClientError as error:
            if not is_not_found(error):
                raise
            return None

    def _run_ids(self, workflow: str) -> Iterator[str]:
        for page in self._glue.get_paginator("get_workflow_runs").paginate(Name=workflow):
            yield from (run["WorkflowRunId"] for run in page["Runs"])

    def _job_runs(self, job: str) -> Iterator[JobRunView]:
        for page in self._glue.get_paginator("get_job_runs").paginate(JobName=job):
            yield from map(JobRunView.from_wire, page["JobRuns"])

    def _has_crawler(self, name: str) -> bool:
        try:
            self._glue.get_crawler(Name=name)
        except self._glue.exceptions.ClientError as error:
            if not is_not_found(error):
                raise
            return False
        return True


def _advice(name: str, names: list[str], command: str) -> str:
    if not names:
        return f"there is none yet: `{command}` creates one"
    return did_you_mean(name, names) or f"there are: {listed(names)}"
