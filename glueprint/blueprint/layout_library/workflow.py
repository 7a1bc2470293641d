"""``awsglue.blueprint.workflow``: a workflow, its entities, and the triggers that follow from them."""

from typing import Any, ClassVar

from .base_resource import BaseResource, ensure_type, warn_of_drop
from .crawler import Crawler
from .job import Job

__all__ = ["BaseResource", "Crawler", "Entities", "Job", "Workflow", "ensure_type"]

Request = dict[str, Any]


class Entities:
    """The jobs and crawlers of a workflow."""

    def __init__(self, **kwargs: Any) -> None:
        self.Crawlers: list[Crawler] | None = kwargs.pop("Crawlers", None)
        self.Jobs: list[Job] | None = kwargs.pop("Jobs", None)
        for keyword in kwargs:
            warn_of_drop("Entities", keyword, "is dropped: the library does not know it")

    def validate(self) -> bool:
        """Check every entity; ``Jobs`` must be a list (None raises a TypeError, as in the public library)."""
        crawlers = all(crawler.validate() for crawler in self.Crawlers or ())
        jobs: Any = self.Jobs
        return crawlers and all(job.validate() for job in jobs)

    def to_json(
        self, workflow_name: str, starting_trigger_schedule: str | None, name_suffix: str
    ) -> tuple[list[Request], list[Request], list[Request]]:
        """Requests for crawlers, jobs and triggers; names of crawlers and jobs get ``_<name_suffix>``."""
        crawlers = [_suffixed(crawler.to_json(), name_suffix) for crawler in self.Crawlers or ()]
        jobs = [_suffixed(job.to_json(), name_suffix) for job in self.Jobs or ()]
        start: Request = {
            "WorkflowName": workflow_name,
            "Name": f"{workflow_name}_starting_trigger",
            "Actions": [],
        }
        if starting_trigger_schedule:
            start.update(Type="SCHEDULED", Schedule=starting_trigger_schedule, StartOnCreation=True)
        else:
            start["Type"] = "ON_DEMAND"
        triggers: list[Request] = []
        for kind, entities in (("CrawlerName", crawlers), ("JobName", jobs)):
            for entity in entities:
                action = {kind: entity["Name"]}
                if "DependsOn" in entity:
                    triggers.append(_conditional(workflow_name, entity, action, name_suffix))
                else:
                    start["Actions"].append(action)
                    _warn_of_unused_wait(kind, entity)
        return crawlers, jobs, [*triggers, start]


def _suffixed(request: Request, name_suffix: str) -> Request:
    request["Name"] = f"{request['Name']}_{name_suffix}"
    return request


def _conditional(workflow_name: str, started: Request, action: Request, name_suffix: str) -> Request:
    """Return the trigger for ``started``; remove the two dependency members from it."""
    waits_for = started.pop("DependsOn")
    predicate: Request = {
        "Conditions": [_condition(entity, state, name_suffix) for entity, state in waits_for.items()]
    }
    if "WaitForDependencies" in started:
        predicate["Logical"] = started.pop("WaitForDependencies")
    return {
        "WorkflowName": workflow_name,
        "Type": "CONDITIONAL",
        "Name": f"{workflow_name}_{started['Name']}_trigger",
        "Predicate": predicate,
        "StartOnCreation": True,
        "Actions": [action],
    }


def _condition(dependency: Any, state: Any, name_suffix: str) -> Request:
    if isinstance(dependency, Crawler):
        name = f"{dependency.Name}_{name_suffix}"
        return {"LogicalOperator": "EQUALS", "CrawlerName": name, "CrawlState": state}
    if isinstance(dependency, Job):
        return {"LogicalOperator": "EQUALS", "JobName": f"{dependency.Name}_{name_suffix}", "State": state}
    raise TypeError(f"Dependencies must be of type Job or Crawler, but found {type(dependency)} instead")


def _warn_of_unused_wait(kind: str, entity: Request) -> None:
    if "WaitForDependencies" in entity:
        warn_of_drop(
            f"{kind.removesuffix('Name')} {entity['Name']!r}",
            "WaitForDependencies",
            "without DependsOn has no effect, and the library leaves it in the request, which has no such member",
        )


class Workflow(BaseResource):
    """A workflow. ``OnSchedule`` is a cron expression for its starting trigger; None makes that ON_DEMAND."""

    _members: ClassVar = {
        "Name": (str, True),
        "Description": (str, False),
        "DefaultRunProperties": (dict, False),
        "Tags": (dict, False),
        "OnSchedule": (str, False),
        "Entities": (Entities, True),
    }
    _warns = True

    def __init__(self, **kwargs: Any) -> None:
        self._fill(kwargs)

    def validate(self) -> bool:
        """Check the workflow and every entity.

        Raises:
            TypeError: at the first one that is not valid.
        """
        missing = self._missing()
        if missing:
            raise TypeError(f"Required Workflow Fields were missing: {missing}")
        return bool(vars(self)["Entities"].validate())

    def to_json(self, name_suffix: str = "") -> dict[str, Any]:
        """The Create* requests by kind: ``Workflow``, ``Crawlers``, ``Jobs``, ``Triggers``."""
        self.validate()
        workflow = dict(vars(self))
        schedule, entities = workflow.pop("OnSchedule", ""), workflow.pop("Entities")
        crawlers, jobs, triggers = entities.to_json(self.Name, schedule, name_suffix)
        return {"Workflow": workflow, "Crawlers": crawlers, "Jobs": jobs, "Triggers": triggers}
