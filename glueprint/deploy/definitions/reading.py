"""Reading a deployed workflow, with all that belongs to it, from any Glue.

Names of jobs and crawlers come from the workflow's triggers; definitions are requested in batches, tags one by one
(Glue has no operation for many), several at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, TypeVar

from glueprint.client.errors import is_not_found
from glueprint.client.session import Session
from glueprint.deploy.definitions.model import (
    Definition,
    Key,
    Kind,
    WorkflowDefinition,
    nodes_of_trigger,
    without_empty,
)

T = TypeVar("T")

MAX_BATCH = 25
"""Names in one BatchGet* request. The service model limits only those of crawlers (100) and blueprints (25)."""
REQUESTS_AT_ONCE = 8
GONE_STATE = "DELETING"
"""Of a trigger that is being deleted: it does not belong to the workflow any more."""

_ADDED: Mapping[Kind, tuple[str, ...]] = {
    Kind.WORKFLOW: ("CreatedOn", "LastModifiedOn", "LastRun", "Graph", "BlueprintDetails"),
    Kind.JOB: ("CreatedOn", "LastModifiedOn", "AllocatedCapacity", "ProfileName", "AutoUpgradeMetadata"),
    Kind.CRAWLER: ("State", "CrawlElapsedTime", "CreationTime", "LastUpdated", "LastCrawl", "Version"),
    Kind.TRIGGER: ("State", "Id"),
}
"""Members of a resource that are not members of its Create* request, or repeat another one."""
_ACTIVE = ("ACTIVATED", "ACTIVATING")


def owner(session: Session) -> str:
    """Return the account that a session uses."""
    if session.endpoint is not None:
        return session.endpoint.account_id
    return str(session.client("sts").get_caller_identity()["Account"])


def read_workflow(
    glue: Any, name: str, *, account_id: str, also: Iterable[Key] = (), tags: bool = True
) -> WorkflowDefinition | None:
    """Return the deployed workflow with this full name; None if there is none.

    Args:
        glue: a boto3 Glue client.
        name: the workflow.
        account_id: the account, for the ARNs of tagged resources.
        also: jobs and crawlers that belong to it, whether or not a trigger names them.
        tags: read the tags, too: one request for each resource.
    """
    try:
        found = glue.get_workflow(Name=name, IncludeGraph=True)["Workflow"]
    except glue.exceptions.ClientError as error:
        if not is_not_found(error):
            raise
        return None
    triggers = _triggers(glue, name, found.get("Graph"))
    nodes = {node for trigger in triggers for node in nodes_of_trigger(trigger)} | set(also)
    parts = [definition_of(Kind.TRIGGER, trigger) for trigger in triggers]
    parts += read_nodes(glue, nodes)
    everything = [definition_of(Kind.WORKFLOW, found), *parts]
    if tags:
        everything = with_tags(glue, everything, account_id)
    workflow, *parts = everything
    return WorkflowDefinition.of(workflow, tuple(parts))


def _triggers(glue: Any, workflow: str, graph: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    """Return the triggers of a workflow, by its graph; without one (moto returns none) all triggers are listed."""
    if graph is None:
        pages = glue.get_paginator("get_triggers").paginate()
        found = [trigger for page in pages for trigger in page["Triggers"]]
    else:
        names = sorted({one["Name"] for one in graph.get("Nodes", ()) if one["Type"] == "TRIGGER"})
        found = batches(names, lambda some: glue.batch_get_triggers(TriggerNames=some)["Triggers"])
    return [one for one in found if one.get("WorkflowName") == workflow and one.get("State") != GONE_STATE]


def read_nodes(glue: Any, nodes: Iterable[Key]) -> list[Definition]:
    """Return the jobs and crawlers that exist of these; without tags."""
    jobs = sorted({node.name for node in nodes if node.kind is Kind.JOB})
    crawlers = sorted({node.name for node in nodes if node.kind is Kind.CRAWLER})
    found = batches(jobs, lambda names: glue.batch_get_jobs(JobNames=names)["Jobs"])
    crawled = batches(crawlers, lambda names: glue.batch_get_crawlers(CrawlerNames=names)["Crawlers"])
    return [
        *(definition_of(Kind.JOB, one) for one in found),
        *(definition_of(Kind.CRAWLER, one) for one in crawled),
    ]


def definition_of(kind: Kind, wire: Mapping[str, Any]) -> Definition:
    """Return the definition of a resource as Get* and BatchGet* show it, as Create* accepts it."""
    members = {name: value for name, value in wire.items() if name not in _ADDED[kind]}
    if kind is Kind.JOB and members.get("WorkerType"):
        members.pop("MaxCapacity", None)  # Glue shows it, and refuses it next to WorkerType: docs/facts/jobs.md
    if kind is Kind.CRAWLER and isinstance(members.get("Schedule"), Mapping):
        members["Schedule"] = members["Schedule"].get("ScheduleExpression")
    if kind is Kind.TRIGGER and wire.get("State") in _ACTIVE:
        members["StartOnCreation"] = True
    return Definition.of_request(kind, without_empty(members))


def arn_of(glue: Any, account_id: str, key: Key) -> str:
    """Return the ARN of a resource in the client's region."""
    partition = getattr(glue.meta, "partition", "aws")
    return f"arn:{partition}:glue:{glue.meta.region_name}:{account_id}:{key.kind}/{key.name}"


def with_tags(glue: Any, definitions: Sequence[Definition], account_id: str) -> list[Definition]:
    """Return definitions with the tags that the resources have."""

    def read(one: Definition) -> Definition:
        try:
            found = glue.get_tags(ResourceArn=arn_of(glue, account_id, one.key))["Tags"]
        except glue.exceptions.ClientError as error:
            if not is_not_found(error):
                raise
            return one  # it has just been deleted
        return replace(one, tags=dict(found))

    return at_once(read, definitions)


def at_once(function: Callable[[Any], T], values: Sequence[Any]) -> list[T]:
    """Return the function's results for some values, several requests at a time."""
    if len(values) < 2:  # a thread for one is waste
        return [function(value) for value in values]
    with ThreadPoolExecutor(min(REQUESTS_AT_ONCE, len(values))) as pool:
        return list(pool.map(function, values))


def batches(names: Sequence[str], request: Callable[[list[str]], list[Any]]) -> list[Any]:
    """Return what a request of some names returns, for all names."""
    groups = [list(names[start : start + MAX_BATCH]) for start in range(0, len(names), MAX_BATCH)]
    return [one for found in at_once(request, groups) for one in found]
