"""Definitions of workflows (docs/facts/workflows.md#composition).

Triggers name the workflow that they belong to, and thereby its jobs and crawlers.
"""

from __future__ import annotations

from glueprint.local.glue.family import Answer, Context, Family, Request, Transaction, operation, without_none
from glueprint.local.glue.orchestration import workflow_run_view
from glueprint.local.glue.paging import page_of_tagged
from glueprint.local.glue.tags import add_tags
from glueprint.local.identifiers import arn
from glueprint.local.protocol import Runs
from glueprint.local.protocol.errors import already_exists, not_found
from glueprint.local.store.resources import Document, Resources, remove_tags


class Workflows(Family):
    """Operations on workflows."""

    resources = Resources("workflow")
    _triggers = Resources("trigger")

    @operation("CreateWorkflow", runs=Runs.IN_THREAD)
    def create_workflow(self, context: Context, request: Request) -> Answer:
        """Service model, ``CreateWorkflow``."""
        self.database.write(lambda tx: self.insert(tx, context, request))
        return {"Name": request["Name"]}

    def insert(
        self, tx: Transaction, context: Context, request: Request, blueprint: Document | None = None
    ) -> None:
        """Create the workflow within the caller's transaction; ``blueprint`` is its BlueprintDetails.

        Raises:
            ApiError: the name is taken.
        """
        name = request["Name"]
        if self.resources.exists(tx, name):
            raise already_exists(f"Workflow with name: {name} already exists.")
        now = self.clock.now()
        members = without_none(request)
        tags = members.pop("Tags", {})
        body = members | {"CreatedOn": now, "LastModifiedOn": now}
        if blueprint:
            body["BlueprintDetails"] = blueprint
        self.resources.put(tx, name, body)
        add_tags(tx, _arn(context, name), tags)

    @operation("UpdateWorkflow", runs=Runs.IN_THREAD)
    def update_workflow(self, context: Context, request: Request) -> Answer:
        """Service model, ``UpdateWorkflow``: replaces description, properties and limit."""
        name = request["Name"]

        def work(tx: Transaction) -> None:
            before = self.require(tx, name)
            kept = {key: before[key] for key in ("CreatedOn", "BlueprintDetails") if key in before}
            body = without_none(request) | kept | {"LastModifiedOn": self.clock.now()}
            self.resources.put(tx, name, body)

        self.database.write(work)
        return {"Name": name}

    @operation("DeleteWorkflow", runs=Runs.IN_THREAD)
    def delete_workflow(self, context: Context, request: Request) -> Answer:
        """Service model, ``DeleteWorkflow``: no error for a missing name; triggers and jobs stay (#8)."""
        name = request["Name"]

        def work(tx: Transaction) -> None:
            self.resources.delete(tx, name)
            remove_tags(tx, _arn(context, name))

        self.database.write(work)
        return {"Name": name}

    @operation("GetWorkflow", runs=Runs.IN_THREAD)
    def get_workflow(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetWorkflow``."""
        graph = bool(request.get("IncludeGraph"))
        return {"Workflow": self.database.read(lambda tx: self.describe(tx, request["Name"], graph))}

    @operation("ListWorkflows", runs=Runs.IN_THREAD)
    def list_workflows(self, context: Context, request: Request) -> Answer:
        """Service model, ``ListWorkflows``: names."""
        names, token = self.database.read(
            lambda tx: page_of_tagged(self.resources, tx, request, 25, lambda name: _arn(context, name))
        )
        return {"Workflows": names, "NextToken": token}

    @operation("BatchGetWorkflows", runs=Runs.IN_THREAD)
    def batch_get_workflows(self, context: Context, request: Request) -> Answer:
        """Service model, ``BatchGetWorkflows``."""
        graph = bool(request.get("IncludeGraph"))

        def work(tx: Transaction) -> Answer:
            known = [name for name in request["Names"] if self.resources.exists(tx, name)]
            missing = [name for name in request["Names"] if name not in known]
            return {
                "Workflows": [self.describe(tx, name, graph) for name in known],
                "MissingWorkflows": missing or None,
            }

        return self.database.read(work)

    def require(self, tx: Transaction, name: str) -> Document:
        """Return the workflow's definition.

        Raises:
            ApiError: it does not exist; the message is moto's (#9230), since AWS's is not known.
        """
        found = self.resources.get(tx, name)
        if found is None:
            raise not_found("Entity not found")
        return found

    def describe(self, tx: Transaction, name: str, include_graph: bool) -> Document:
        """Return the workflow as ``GetWorkflow`` does: with its last run and the graph of its current triggers."""
        body = self.require(tx, name)
        last = workflow_run_view.latest(tx, name)
        if last is not None:
            body["LastRun"] = workflow_run_view.describe(tx, last, include_graph, self.clock.now())
        if include_graph:
            body["Graph"] = workflow_run_view.static_graph(name, self._triggers.children(tx, name))
        return body


def _arn(context: Context, name: str) -> str:
    return arn(context.account_id, context.region, f"workflow/{name}")
