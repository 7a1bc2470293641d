"""Jobs: their definitions (docs/facts/jobs.md)."""

from __future__ import annotations

from typing import Any

from glueprint.facts.defaults import job_with_defaults
from glueprint.local.engine.capacity import with_capacity
from glueprint.local.glue.family import Answer, Context, Family, Request, Transaction, operation, without_none
from glueprint.local.glue.paging import page_of_resources, page_of_tagged
from glueprint.local.glue.refusals import refuse_problems
from glueprint.local.glue.tags import add_tags
from glueprint.local.identifiers import arn
from glueprint.local.protocol import Runs
from glueprint.local.protocol.errors import already_exists, invalid_input, not_found
from glueprint.local.store.bookmark_rows import delete_bookmarks
from glueprint.local.store.resources import Document, Resources, remove_tags
from glueprint.workflow.job_rules import definition_problems


class Jobs(Family):
    """Operations on jobs."""

    resources = Resources("job")

    @operation("CreateJob", runs=Runs.ON_WRITER)
    def create_job(self, context: Context, request: Request) -> Answer:
        """Service model, ``CreateJob``."""
        self.database.write(lambda tx: self.insert(tx, context, request))
        return {"Name": request["Name"]}

    def insert(self, tx: Transaction, context: Context, request: Request) -> None:
        """Create the job within the caller's transaction.

        Raises:
            ApiError: the definition breaks a rule of Glue, or the name is taken.
        """
        name = request["Name"]
        if self.resources.exists(tx, name):
            raise already_exists(f"Job {name} already exists.")
        now = self.clock.now()
        members = without_none(request)
        tags = members.pop("Tags", {})
        body = _definition(members) | {"Name": name, "CreatedOn": now, "LastModifiedOn": now}
        self.resources.put(tx, name, body)
        add_tags(tx, _arn(context, name), tags)

    @operation("UpdateJob", runs=Runs.ON_WRITER)
    def update_job(self, context: Context, request: Request) -> Answer:
        """Service model, ``UpdateJob``: replaces the definition; omitted members get their defaults."""
        name = request["JobName"]

        members = without_none(request["JobUpdate"])

        def work(tx: Transaction) -> None:
            before = self.require(tx, name)
            missing = [member for member in ("Role", "Command") if member not in members]
            if missing:
                raise invalid_input(f"JobUpdate must have {' and '.join(missing)}: it replaces the complete job")
            body = _definition(members) | {
                "Name": name,
                "CreatedOn": before["CreatedOn"],
                "LastModifiedOn": self.clock.now(),
            }
            self.resources.put(tx, name, body)

        self.database.write(work)
        return {"JobName": name}

    @operation("DeleteJob", runs=Runs.ON_WRITER)
    def delete_job(self, context: Context, request: Request) -> Answer:
        """Service model, ``DeleteJob``: with its bookmark; a missing job is not an error."""
        name = request["JobName"]

        def work(tx: Transaction) -> None:
            self.resources.delete(tx, name)
            delete_bookmarks(tx, name)
            remove_tags(tx, _arn(context, name))

        self.database.write(work)
        return {"JobName": name}

    @operation("GetJob", runs=Runs.INLINE)
    def get_job(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetJob``."""
        return {"Job": with_capacity(self.database.read(lambda tx: self.require(tx, request["JobName"])))}

    @operation("GetJobs", runs=Runs.IN_THREAD)
    def get_jobs(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetJobs``."""
        found, token = self.database.read(lambda tx: page_of_resources(self.resources, tx, request, 100))
        return {"Jobs": [with_capacity(job) for job in found], "NextToken": token}

    @operation("ListJobs", runs=Runs.IN_THREAD)
    def list_jobs(self, context: Context, request: Request) -> Answer:
        """Service model, ``ListJobs``."""
        names, token = self.database.read(
            lambda tx: page_of_tagged(self.resources, tx, request, 100, lambda name: _arn(context, name))
        )
        return {"JobNames": names, "NextToken": token}

    @operation("BatchGetJobs", runs=Runs.IN_THREAD)
    def batch_get_jobs(self, context: Context, request: Request) -> Answer:
        """Service model, ``BatchGetJobs``."""
        found = self.database.read(
            lambda tx: {name: self.resources.get(tx, name) for name in request["JobNames"]}
        )
        return {
            "Jobs": [with_capacity(job) for job in found.values() if job is not None],
            "JobsNotFound": [name for name, job in found.items() if job is None],
        }

    def require(self, tx: Transaction, name: str) -> Document:
        """Return the job's definition.

        Raises:
            ApiError: it does not exist.
        """
        found = self.resources.get(tx, name)
        if found is None:
            raise not_found(f"Job {name} not found.")
        return found


def _definition(members: dict[str, Any]) -> Document:
    """Check a definition, and return it with Glue's defaults."""
    refuse_problems(definition_problems(members))
    return without_none(job_with_defaults(members))


def _arn(context: Context, name: str) -> str:
    return arn(context.account_id, context.region, f"job/{name}")
