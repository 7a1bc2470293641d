"""Probes of triggers: what CreateTrigger accepts, what StartTrigger and StopTrigger do. Free: no job runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glueprint.deploy.conformance.lab import Lab
from glueprint.deploy.conformance.probe import Probe, rows

CRON_FORMS = (
    *("cron(0 5 ? * MON#2 *)", "cron(0 5 LW * ? *)", "cron(0 5 L-3 * ? *)", "cron(0 5 ? * FRI-MON *)"),
    *("cron(0 5 31W * ? *)", "cron(0 5 ? * L *)", "cron(0 5 ? * FRIL *)", "cron(0 5 31 2 ? *)"),
    *("cron(0 5 1 1 ? 2020)", "cron(0/4 * * * ? *)", "cron(0,58 * * * ? *)"),
)


def _created(lab: Lab, what: str, **members: Any) -> str:
    name = lab.name(what)
    return lab.attempt(lambda: lab.glue.create_trigger(**{"Name": name, "Actions": [], **members}))


def _on(job: str, **members: Any) -> dict[str, Any]:
    return {"LogicalOperator": "EQUALS", "JobName": job, "State": "SUCCEEDED", **members}


def _start_stop(lab: Lab) -> Mapping[str, str]:
    glue, first, second = lab.glue, lab.job("first"), lab.job("second")
    workflow = lab.workflow("start-stop")
    lab.start_trigger(workflow, first)
    active = lab.watch(workflow, {first: "SUCCEEDED"}, second)
    answers = {"start an activated trigger": lab.attempt(lambda: glue.start_trigger(Name=active))}
    glue.stop_trigger(Name=active)
    lab.until(lambda: glue.get_trigger(Name=active)["Trigger"]["State"], lambda state: state == "DEACTIVATED")
    answers["stop a deactivated trigger"] = lab.attempt(lambda: glue.stop_trigger(Name=active))
    demand = lab.name("demand")
    glue.create_trigger(Name=demand, Type="ON_DEMAND", Actions=[{"JobName": first}])
    answers["stop a created trigger"] = lab.attempt(lambda: glue.stop_trigger(Name=demand))
    event, watched = lab.name("event"), lab.workflow("event")
    glue.create_trigger(
        Name=event,
        WorkflowName=watched,
        Type="EVENT",
        Actions=[{"JobName": first}],
        EventBatchingCondition={"BatchSize": 1},
    )
    answers["start an EVENT trigger"] = lab.attempt(lambda: glue.start_trigger(Name=event))
    answers["state of a new EVENT trigger"] = glue.get_trigger(Name=event)["Trigger"]["State"]
    return answers


def _predicates(lab: Lab) -> Mapping[str, str]:
    job, other = lab.job("waited"), lab.job("started")
    workflow = lab.workflow("predicates")
    common = {"WorkflowName": workflow, "Type": "CONDITIONAL", "Actions": [{"JobName": other}]}
    two = [_on(job), _on(lab.job("also"))]
    without = {name: value for name, value in _on(job).items() if name != "LogicalOperator"}
    both = {"Conditions": [_on(other)]}
    return {
        "several conditions without Logical": _created(lab, "no-logical", **common, Predicate={"Conditions": two}),
        "a condition without LogicalOperator": _created(
            lab, "no-operator", **common, Predicate={"Conditions": [without]}
        ),
        "no condition": _created(lab, "no-condition", **common, Predicate={"Conditions": []}),
        "no predicate": _created(lab, "no-predicate", **common),
        "a job on both sides": _created(lab, "both-sides", **common, Predicate=both),
        "a state that crawls have": _created(
            lab, "cancelled", **common, Predicate={"Conditions": [_on(job, State="CANCELLED")]}
        ),
    }


def _several(lab: Lab) -> str:
    actions = [{"JobName": "glueprint-nowhere", "Timeout": 10080}]
    members = {"Type": "SCHEDULED", "Schedule": "cron(x)", "WorkflowName": lab.workflow("several")}
    return _created(lab, "several", **members, Actions=actions)


def _crons(lab: Lab) -> Mapping[str, str]:
    job, answers = lab.job("scheduled"), {}
    for form in CRON_FORMS:
        members = {"Type": "SCHEDULED", "Schedule": form, "Actions": [{"JobName": job}]}
        name = lab.name("cron")
        answers[form] = lab.attempt(lambda: lab.glue.create_trigger(Name=name, **members), message=False)  # noqa: B023
    return answers


def _limits(lab: Lab) -> Mapping[str, str]:
    job = lab.job("limits")
    demand = {"Type": "ON_DEMAND"}
    return {
        "Timeout of seven days in an action": _created(
            lab, "timeout", **demand, Actions=[{"JobName": job, "Timeout": 10080}]
        ),
        "a reserved argument in an action": _created(
            lab, "reserved", **demand, Actions=[{"JobName": job, "Arguments": {"--JOB_NAME": "x"}}]
        ),
        "an argument without dashes in an action": _created(
            lab, "dashes", **demand, Actions=[{"JobName": job, "Arguments": {"day": "x"}}]
        ),
        "a job that does not exist": _created(
            lab, "nowhere", **demand, Actions=[{"JobName": "glueprint-nowhere"}]
        ),
    }


PROBES = (
    Probe(
        "trigger-start-stop",
        "What do StartTrigger and StopTrigger answer in states where they have nothing to do?",
        "creates triggers of each type and calls both operations",
        rows(
            "workflow",
            "StartTrigger on an ACTIVATED trigger, StopTrigger on a DEACTIVATED one",
            "StopTrigger on a trigger in CREATED",
            "EVENT triggers",
        ),
        _start_stop,
    ),
    Probe(
        "trigger-predicates",
        "Which predicates does CreateTrigger refuse, and in which words?",
        "creates conditional triggers with incomplete and contradictory predicates",
        rows(
            "workflow",
            "Predicate without `Logical` and several conditions",
            "A predicate without conditions",
            "A job in both predicate and actions of a trigger",
            "A condition without `LogicalOperator`",
        ),
        _predicates,
    ),
    Probe(
        "trigger-several-problems",
        "Does CreateTrigger report one problem of several, or all?",
        "creates a trigger with three problems: its schedule, the job and the timeout of its action",
        rows("workflow", "Several problems in one CreateTrigger"),
        _several,
    ),
    Probe(
        "trigger-cron",
        "Which unusual cron expressions are accepted?",
        "creates scheduled triggers that are not active",
        rows(
            "workflow",
            "`#`, `LW`, `L-3`, backward ranges (FRI-MON) in cron",
            "`L` as Day-of-week",
            "`31W` in a shorter month",
            "A schedule without a time in the future (31 February, a year that is past)",
            "More often than every five minutes",
        ),
        _crons,
    ),
    Probe(
        "trigger-action-limits",
        "What may the action of a trigger contain?",
        "creates triggers with long timeouts, reserved arguments and a job that does not exist",
        rows(
            "workflow",
            "Timeout of an action of 7 days or more",
            "Arguments: the reserved names, 260 KB",
        ),
        _limits,
    ),
)
