"""Rules for the workflow as a whole: its triggers, its crawlers, its size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from glueprint.blueprint.layout_result import LayoutRequests
from glueprint.check.job_requests import SECRET, is_secret
from glueprint.check.layout_places import LayoutPlaces
from glueprint.check.rule import error, warning
from glueprint.facts.findings import Finding, Place
from glueprint.facts.states import TriggerState
from glueprint.workflow.analyse import analyse
from glueprint.workflow.model import Graph
from glueprint.workflow.rules import MAX_CRAWLERS_OF_TRIGGER, broken_rules
from glueprint.workflow.wire import trigger_from_wire

TRIGGER_REFUSED = error(
    "trigger-refused",
    "CreateTrigger refuses the trigger",
    "The blueprint run is rolled back with the message of CreateTrigger.",
    "",
    "service model (CreateTrigger); docs/facts/triggers.md",
)
LOGICAL_MISSING = error(
    "logical-missing",
    "Several dependencies without WaitForDependencies",
    "The layout library writes a predicate without Logical, which CreateTrigger refuses.",
    'WaitForDependencies="AND" or "ANY"',
    "service model (Predicate); DG:developing-blueprints-code-classes",
)
CRAWLERS_OF_TRIGGER = error(
    "crawlers-of-trigger",
    "A trigger starts too many crawlers",
    f"A trigger can start at most {MAX_CRAWLERS_OF_TRIGGER} crawlers; the starting trigger starts everything that "
    "depends on nothing.",
    "let a crawler depend on another entity",
    "DG:developing-blueprints-code-classes",
)
MANY_OBJECTS = warning(
    "many-objects",
    "The blueprint creates many objects",
    "Blueprint runs with more than about 30 objects have stayed RUNNING; AWS advises at most 100 in a workflow.",
    "split the workflow, or deploy without a blueprint run",
    "aws/aws-cli#7371; DG:blueprint_workflow_restrictions",
)
RULES = (TRIGGER_REFUSED, LOGICAL_MISSING, CRAWLERS_OF_TRIGGER, MANY_OBJECTS)

MAX_OBJECTS = 30


def findings(requests: LayoutRequests, places: LayoutPlaces) -> Iterator[Finding]:
    """Check triggers, size, run properties and what can never run."""
    refused = [one for trigger in requests.triggers for one in _trigger(trigger, places)]
    yield from refused
    name = str(requests.workflow.get("Name"))
    count = len(requests.jobs) + len(requests.crawlers) + len(requests.triggers)
    if count > MAX_OBJECTS:
        kinds = f"{len(requests.jobs)} jobs, {len(requests.crawlers)} crawlers, {len(requests.triggers)} triggers"
        yield MANY_OBJECTS.at(places.of("Workflow", name), f"{count} objects: {kinds}")
    for key, value in (requests.workflow.get("DefaultRunProperties") or {}).items():
        if is_secret(key, str(value)):
            place = places.of("Workflow", name, "DefaultRunProperties", key)
            yield SECRET.at(place, f"the run property {key} looks like a secret")
    if not refused:
        yield from _never(requests, places)


def _trigger(trigger: dict[str, object], places: LayoutPlaces) -> Iterator[Finding]:
    actions: list[dict[str, str]] = trigger.get("Actions") or []  # type: ignore[assignment]
    place = places.trigger(str(trigger["Name"]), actions)
    for text in broken_rules(trigger):
        if "Logical" in text and "is required with" in text:
            yield LOGICAL_MISSING.at(place, text.partition(": ")[2])
        elif "crawlers; a trigger can start" in text:
            yield CRAWLERS_OF_TRIGGER.at(place, text.partition(": ")[2])
        else:
            yield TRIGGER_REFUSED.at(place, text)


def _never(requests: LayoutRequests, places: LayoutPlaces) -> Iterator[Finding]:
    """What the analysis of the triggers proves, with the lines of the layout."""
    triggers = [trigger_from_wire(one) for one in requests.triggers]
    graph = Graph(tuple(replace(one, state=TriggerState.ACTIVATED) for one in triggers))
    actions = {one["Name"]: one.get("Actions") or [] for one in requests.triggers}
    for finding in analyse(graph):
        subject = finding.place.subject
        if subject in actions:
            place = places.trigger(subject, actions[subject])
        else:
            place = next((here for kind in ("Job", "Crawler") if (here := places.of(kind, subject)).path), Place())
        yield replace(finding, place=replace(place, subject=place.subject or subject))
