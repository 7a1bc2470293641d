"""What CreateTrigger and UpdateTrigger refuse. Sources: service model documentation; Glue guide, triggers."""

from __future__ import annotations

from typing import Any

import pytest
from workflow_shapes import job, on, start

from glueprint.facts.states import (
    TriggerState,
    TriggerType,
    state_after_start,
    state_after_stop,
    state_on_creation,
)
from glueprint.workflow.rules import TriggerContext, broken_rules, request_of_update

JOB = {"JobName": "a", "State": "SUCCEEDED", "LogicalOperator": "EQUALS"}
CRAWL = {"CrawlerName": "x", "CrawlState": "SUCCEEDED", "LogicalOperator": "EQUALS"}


def _without(condition: dict[str, str], member: str) -> dict[str, str]:
    return {name: value for name, value in condition.items() if name != member}


def request(type_: str = "CONDITIONAL", **members: Any) -> dict[str, Any]:
    basic: dict[str, Any] = {"Name": "t", "Type": type_, "Actions": [{"JobName": "b"}]}
    if type_ == "CONDITIONAL":
        basic["Predicate"] = {"Conditions": [JOB]}
    return {name: value for name, value in {**basic, **members}.items() if value is not None}


GOOD = [
    request("ON_DEMAND"),
    request("ON_DEMAND", StartOnCreation=False),
    request("SCHEDULED", Schedule="cron(15 12 * * ? *)", StartOnCreation=True),
    request("EVENT", WorkflowName="flow"),
    request(StartOnCreation=True),
    request(Predicate={"Logical": "AND", "Conditions": [JOB, CRAWL]}),
    request(Actions=[{"CrawlerName": "x"}, {"CrawlerName": "y"}, {"JobName": "b", "Timeout": 10079}]),
]


@pytest.mark.parametrize("good", GOOD)
def test_what_glue_accepts_breaks_no_rule(good: dict[str, Any]) -> None:
    """Each documented form of a trigger is accepted (docs/facts/triggers.md#types)."""
    assert broken_rules(good) == []


BAD = [
    (request("ON_DEMAND", StartOnCreation=True), "StartOnCreation"),
    (request("SCHEDULED"), "Schedule"),
    (request("SCHEDULED", Schedule="cron(0/2 * * * ? *)"), "Schedule: cron(0/2 * * * ? *): it fires 2 minutes"),
    (request("SCHEDULED", Schedule="rate(5 minutes)"), "Schedule: rate(5 minutes): it is not of the form"),
    (request("EVENT"), "WorkflowName"),
    (request(Actions=[]), "Actions"),
    (request(Predicate={"Conditions": [JOB, CRAWL]}), "Predicate.Logical"),
    (request(Predicate={"Conditions": [{**JOB, "State": "RUNNING"}]}), "Predicate.Conditions[0].State"),
    (request(Predicate={"Conditions": [{**JOB, "State": "ERROR"}]}), "Predicate.Conditions[0].State"),
    (request(Predicate={"Conditions": [{**CRAWL, "CrawlState": "ERROR"}]}), "Predicate.Conditions[0].CrawlState"),
    (request(Predicate={"Conditions": [{**JOB, "CrawlState": "FAILED"}]}), "Predicate.Conditions[0].CrawlState"),
    (request(Actions=[{"CrawlerName": name} for name in "xyz"]), "Actions: 3 crawlers"),
    (request(Actions=[{"JobName": "b", "Timeout": 10080}]), "Actions[0].Timeout"),
    (
        request(Actions=[{"JobName": "b", "Arguments": {"--JOB_NAME": "x"}}]),
        "Actions[0]: Arguments must not set the reserved argument --JOB_NAME",
    ),
    (
        request(Actions=[{"JobName": "b", "Arguments": {"--x": "é" * 133_120}}]),
        "Actions[0]: Arguments: 266243 bytes, at most 266240 (260 KB)",
    ),
]


@pytest.mark.parametrize(("bad", "where"), BAD)
def test_each_broken_rule_is_reported_with_its_place(bad: dict[str, Any], where: str) -> None:
    """One fault gives one sentence that begins with where it is (docs/facts/triggers.md)."""
    (text,) = broken_rules(bad)
    assert text.startswith(where)


CHOOSE = "State cannot be null or empty, choose from one of the following"
IN_GLUES_WORDS = [
    (request(Predicate=None), "Predicate cannot be null or empty"),
    (request(Predicate={"Logical": "AND", "Conditions": []}), "Predicate cannot be null or empty"),
    (
        request(Predicate={"Conditions": [_without(CRAWL, "CrawlState")]}),
        f"{CHOOSE} crawler state: [SUCCEEDED, FAILED, CANCELLED]",
    ),
    (
        request(Predicate={"Conditions": [_without(JOB, "State")]}),
        f"{CHOOSE} job state: [SUCCEEDED, STOPPED, FAILED, TIMEOUT]",
    ),
    (
        request(Predicate={"Conditions": [_without(JOB, "LogicalOperator")]}),
        "Logical operator cannot be null or empty",
    ),
    (
        request(Predicate={"Conditions": [{"State": "FAILED", "LogicalOperator": "EQUALS"}]}),
        "JobName or CrawlerName in condition cannot be null or empty",
    ),
    (
        request(Actions=[{"JobName": "b", "CrawlerName": "x"}]),
        "Both JobName and CrawlerName cannot be set together in an action",
    ),
]


@pytest.mark.parametrize(("bad", "sentence"), IN_GLUES_WORDS)
def test_a_single_fault_is_reported_with_glues_own_text(bad: dict[str, Any], sentence: str) -> None:
    """Users search for what AWS says (terraform #43013: State cannot be null; moto's tests of CreateTrigger). What
    does not exist is reported if the rest is valid.
    """
    nothing = TriggerContext(job_exists=lambda name: False, crawler_exists=lambda name: False)
    itself = {**bad, "Actions": [{"JobName": "a"}]} if bad["Actions"] == [{"JobName": "b"}] else bad
    assert broken_rules(bad) == broken_rules(bad, nothing) == broken_rules(itself, nothing) == [sentence]


def test_several_faults_are_placed() -> None:
    """With two of them, each begins with where it is (README: what is wrong, where)."""
    bad = request(Predicate={"Conditions": [_without(JOB, "State")]}, Actions=[{"JobName": "b"}, {}])
    assert broken_rules(bad) == [
        f"Predicate.Conditions[0].State: {CHOOSE} job state: [SUCCEEDED, STOPPED, FAILED, TIMEOUT]",
        "Actions[1]: JobName or CrawlerName in action cannot be null or empty",
    ]


def test_all_faults_at_once() -> None:
    """A request with five faults gets five sentences (every error at once)."""
    bad = request(
        Predicate={"Conditions": [_without(JOB, "State"), {**CRAWL, "CrawlState": "RUNNING"}]},
        Actions=[{}, {"JobName": "b", "Timeout": 20000}],
    )
    assert len(broken_rules(bad)) == 5


@pytest.mark.parametrize("type_", ["ON_DEMAND", "SCHEDULED", "EVENT"])
def test_one_starting_trigger_per_workflow(type_: str) -> None:
    """A second starting trigger is refused and the first is named (guide, creating workflows)."""
    siblings = (start(job("a"), name="first"), on("t2", (job("a"), "FAILED"), do=(job("b"),)))
    context = TriggerContext(siblings=siblings)
    (text,) = broken_rules(request(type_, WorkflowName="flow", Schedule="cron(0 1 * * ? *)"), context)
    assert "already has the starting trigger first (ON_DEMAND)" in text
    assert broken_rules(request(WorkflowName="flow"), context) == []


def test_a_trigger_does_not_stand_in_its_own_way() -> None:
    """Updating the starting trigger of a workflow does not count it twice."""
    context = TriggerContext(siblings=(start(job("a"), name="t"),))
    assert broken_rules(request("ON_DEMAND", WorkflowName="flow"), context) == []


def test_what_does_not_exist_is_named() -> None:
    """Unknown jobs and crawlers are each named, in conditions and in actions."""
    context = TriggerContext(job_exists=lambda name: False, crawler_exists=lambda name: False)
    bad = request(
        WorkflowName="flow",
        Predicate={"Logical": "ANY", "Conditions": [JOB, CRAWL]},
        Actions=[{"JobName": "b"}, {"CrawlerName": "y"}],
    )
    assert broken_rules(bad, context) == [
        "Predicate.Conditions[0].JobName: job a does not exist",
        "Predicate.Conditions[1].CrawlerName: crawler x does not exist",
        "Actions[0].JobName: job b does not exist",
        "Actions[1].CrawlerName: crawler y does not exist",
    ]


def test_an_update_replaces_the_definition_as_a_whole() -> None:
    """TriggerUpdate overwrites everything but name, type and workflow (service model, TriggerUpdate)."""
    current = {**request(WorkflowName="flow", Description="old"), "State": "ACTIVATED"}
    update = {"Name": "other", "Actions": [{"JobName": "z"}]}
    wanted = request_of_update(current, update)
    assert wanted == {"Name": "t", "Type": "CONDITIONAL", "WorkflowName": "flow", "Actions": [{"JobName": "z"}]}
    assert broken_rules(wanted) == ["Predicate cannot be null or empty"]


@pytest.mark.parametrize(
    ("type_", "start_on_creation", "created", "started", "stopped"),
    [
        ("SCHEDULED", False, "CREATED", "ACTIVATED", "DEACTIVATED"),
        ("SCHEDULED", True, "ACTIVATED", "ACTIVATED", "DEACTIVATED"),
        ("CONDITIONAL", False, "CREATED", "ACTIVATED", "DEACTIVATED"),
        ("CONDITIONAL", True, "ACTIVATED", "ACTIVATED", "DEACTIVATED"),
    ],
)
def test_the_states_of_a_trigger(
    type_: str, start_on_creation: bool, created: str, started: str, stopped: str
) -> None:
    """Resting states per type (guide, About triggers)."""
    kind = TriggerType(type_)
    first = state_on_creation(kind, start_on_creation=start_on_creation)
    then = state_after_start(kind, first)
    assert [first, then, state_after_stop(kind, then)] == [created, started, stopped]


@pytest.mark.parametrize("start_on_creation", [True, False])
def test_an_event_trigger_is_always_created(start_on_creation: bool) -> None:
    """It is active on creation, its state stays CREATED, and StartTrigger is refused in AWS's words
    (DG:starting-workflow-eventbridge; hashicorp/terraform-provider-aws#49407)."""
    first = state_on_creation(TriggerType.EVENT, start_on_creation=start_on_creation)
    assert first is TriggerState.CREATED
    with pytest.raises(ValueError, match=r"^Trigger Type EVENT cannot be started$"):
        state_after_start(TriggerType.EVENT, first)


def test_an_on_demand_trigger_stays_created() -> None:
    """StartTrigger fires it (guide, About triggers)."""
    first = state_on_creation(TriggerType.ON_DEMAND, start_on_creation=False)
    assert [first, state_after_start(TriggerType.ON_DEMAND, first)] == [TriggerState.CREATED] * 2


@pytest.mark.parametrize("type_", list(TriggerType))
def test_a_created_trigger_cannot_be_stopped(type_: TriggerType) -> None:
    """StopTrigger of a trigger in CREATED is refused (hashicorp/terraform-provider-aws#49407)."""
    with pytest.raises(ValueError, match=r"^The operation is not allowed when trigger is in state: CREATED$"):
        state_after_stop(type_, TriggerState.CREATED)


def test_stopping_a_trigger_again_changes_nothing() -> None:
    """Only ACTIVATED becomes DEACTIVATED (docs/facts/triggers.md#states)."""
    assert state_after_stop(TriggerType.SCHEDULED, TriggerState.DEACTIVATED) is TriggerState.DEACTIVATED
