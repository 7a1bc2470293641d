"""What CreateTrigger and UpdateTrigger refuse: every broken rule of a trigger, as text, all at once.

The input is the request as it arrived, because some faults are visible only there: both JobName and CrawlerName in
one action, a crawler condition with State. The requirements of the service model (required members, lengths,
enums) are checked before, see ``facts.validation``.

Sources: service model (documentation of ``CreateTriggerRequest``, ``Predicate``, ``Condition``, ``Action``),
DG:about-triggers, DG:creating_running_workflows, DG:developing-blueprints-code-classes (two crawlers).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from glueprint.facts.states import NodeKind, TriggerType, watchable_states
from glueprint.workflow.arguments import argument_faults
from glueprint.workflow.model import Trigger
from glueprint.workflow.schedule import ScheduleError
from glueprint.workflow.schedule import parse as parse_schedule

MAX_CRAWLERS_OF_TRIGGER = 2
"""Crawlers that one trigger may start."""
MAX_TIMEOUT_MINUTES = 7 * 24 * 60 - 1

Wire = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TriggerContext:
    """What else exists. With the defaults, everything that a trigger names exists."""

    siblings: tuple[Trigger, ...] = ()
    """The triggers of the workflow that the trigger is to join; its own earlier form may be among them."""
    job_exists: Callable[[str], bool] = lambda name: True
    crawler_exists: Callable[[str], bool] = lambda name: True


@dataclass(frozen=True, slots=True)
class _Fault:
    """A broken rule.

    Attributes:
        where: the member that breaks it; empty if the text names it.
        text: the rule.
        is_aws: the text is Glue's own, complete.
        is_second: reported only if the request by itself is valid.
    """

    where: str
    text: str
    is_aws: bool = False
    is_second: bool = False

    def within(self, where: str) -> _Fault:
        """The same, of a part of ``where``."""
        return replace(self, where=f"{where}.{self.where}" if self.where else where)

    def __str__(self) -> str:
        return f"{self.where}: {self.text}" if self.where else self.text


def request_of_update(current: Wire, update: Wire) -> dict[str, Any]:
    """Return the CreateTrigger request that is equivalent to an UpdateTrigger.

    The definition is replaced completely; name, type and workflow stay (they are not part of ``TriggerUpdate``).

    Args:
        current: the stored trigger, as an API shape.
        update: ``TriggerUpdate``.
    """
    kept = {name: current[name] for name in ("Name", "Type", "WorkflowName") if name in current}
    return {**update, **kept}


def broken_rules(request: Wire, context: TriggerContext | None = None) -> list[str]:
    """Every rule that a CreateTrigger request breaks; empty when Glue would accept it.

    What does not exist, or does not fit together, is reported if the request by itself is valid. A single fault is
    reported with Glue's own sentence if it is known; otherwise, and if there are more faults, each is preceded by
    its place.

    Args:
        request: a request that is valid by the service model (see :func:`request_of_update` for updates).
        context: what else exists.
    """
    context = context or TriggerContext()
    faults = [
        *_type_rules(request),
        *_predicate_rules(request, context),
        *_self_rules(request),
        *_action_rules(request, context),
        *_workflow_rules(request, context),
    ]
    reported = [fault for fault in faults if not fault.is_second] or faults
    if len(reported) == 1 and reported[0].is_aws:
        return [reported[0].text]
    return [str(fault) for fault in reported]


def _type_rules(request: Wire) -> Iterator[_Fault]:
    match TriggerType(request["Type"]):
        case TriggerType.ON_DEMAND:
            if request.get("StartOnCreation"):
                yield _Fault(
                    "StartOnCreation", "true is not supported for ON_DEMAND triggers; start it with StartTrigger"
                )
        case TriggerType.SCHEDULED:
            yield from (_Fault("Schedule", text) for text in _schedule_rules(request.get("Schedule")))
        case TriggerType.CONDITIONAL:
            if not _conditions(request):
                yield _Fault("", "Predicate cannot be null or empty", is_aws=True)
        case TriggerType.EVENT:
            if not request.get("WorkflowName"):
                yield _Fault("WorkflowName", "an EVENT trigger can only be the starting trigger of a workflow")


def _schedule_rules(schedule: str | None) -> Iterator[str]:
    if not schedule:
        yield "a SCHEDULED trigger needs one, such as cron(15 12 * * ? *)"
        return
    try:
        parse_schedule(schedule)
    except ScheduleError as error:
        yield from (f"{schedule}: {problem}" for problem in error.problems)


def _predicate_rules(request: Wire, context: TriggerContext) -> Iterator[_Fault]:
    conditions = _conditions(request)
    if len(conditions) > 1 and not request["Predicate"].get("Logical"):
        yield _Fault("Predicate.Logical", f"AND or ANY is required with {len(conditions)} conditions")
    for number, condition in enumerate(conditions):
        faults = _condition_rules(condition, context)
        yield from (fault.within(f"Predicate.Conditions[{number}]") for fault in faults)


def _condition_rules(condition: Wire, context: TriggerContext) -> Iterator[_Fault]:
    kind = _kind(condition)
    if kind is None:
        yield _one_of_both(condition, "condition")
        return
    if not condition.get("LogicalOperator"):  # optional in the model, but required by Glue: aws-cdk #34652
        yield _Fault("LogicalOperator", "Logical operator cannot be null or empty", is_aws=True)
    yield from _state_rules(condition, kind)
    yield from _existence(condition, kind, context)


def _state_rules(condition: Wire, kind: NodeKind) -> Iterator[_Fault]:
    name, other = ("State", "CrawlState") if kind is NodeKind.JOB else ("CrawlState", "State")
    what = "job" if kind is NodeKind.JOB else "crawler"
    state = condition.get(name)
    allowed = ", ".join(watchable_states(kind))
    if state is None:
        yield _Fault(
            name,
            f"State cannot be null or empty, choose from one of the following {what} state: [{allowed}]",
            is_aws=True,
        )
    elif state not in watchable_states(kind):
        yield _Fault(name, f"{state} cannot be waited for; a trigger can listen for {allowed}")
    if condition.get(other) is not None:
        yield _Fault(other, f"does not belong in a condition on a {what}; use {name}")


def _self_rules(request: Wire) -> Iterator[_Fault]:
    """The text is AWS's own (terraform-provider-aws #39571); no source has such a rule for crawlers."""
    started = {action.get("JobName") for action in request.get("Actions") or ()} - {None}
    for name in sorted(started & {condition.get("JobName") for condition in _conditions(request)}):
        text = f"Job cannot be a Predicate and Action for Conditional Trigger: {name}"
        yield _Fault("", text, is_aws=True, is_second=True)


def _action_rules(request: Wire, context: TriggerContext) -> Iterator[_Fault]:
    actions = request.get("Actions") or []
    if not actions:
        yield _Fault("Actions", "at least one is required")
    for number, action in enumerate(actions):
        yield from (fault.within(f"Actions[{number}]") for fault in _one_action_rules(action, context))
    crawlers = sum(_kind(action) is NodeKind.CRAWLER for action in actions)
    if crawlers > MAX_CRAWLERS_OF_TRIGGER:
        yield _Fault("Actions", f"{crawlers} crawlers; a trigger can start at most {MAX_CRAWLERS_OF_TRIGGER}")


def _one_action_rules(action: Wire, context: TriggerContext) -> Iterator[_Fault]:
    kind = _kind(action)
    if kind is None:
        yield _one_of_both(action, "action")
        return
    yield from _existence(action, kind, context)
    for text in argument_faults({"Arguments": action.get("Arguments") or {}}):
        yield _Fault("", text)
    timeout = action.get("Timeout")
    if timeout is not None and timeout > MAX_TIMEOUT_MINUTES:
        yield _Fault("Timeout", f"{timeout} minutes; it must be less than {MAX_TIMEOUT_MINUTES + 1} (7 days)")


def _workflow_rules(request: Wire, context: TriggerContext) -> Iterator[_Fault]:
    workflow = request.get("WorkflowName")
    if not workflow:
        return
    if request["Type"] == TriggerType.CONDITIONAL:
        return
    for other in context.siblings:
        if other.starts_workflow and other.name != request.get("Name"):
            yield _Fault(
                "WorkflowName",
                f"workflow {workflow} already has the starting trigger {other.name} ({other.type}); "
                "a workflow has only one",
            )


def _existence(shape: Wire, kind: NodeKind, context: TriggerContext) -> Iterator[_Fault]:
    if kind is NodeKind.JOB and not context.job_exists(shape["JobName"]):
        yield _Fault("JobName", f"job {shape['JobName']} does not exist", is_second=True)
    if kind is NodeKind.CRAWLER and not context.crawler_exists(shape["CrawlerName"]):
        yield _Fault("CrawlerName", f"crawler {shape['CrawlerName']} does not exist", is_second=True)


def _conditions(request: Wire) -> list[Wire]:
    predicate = request.get("Predicate") or {}
    return list(predicate.get("Conditions") or ())


def _kind(shape: Wire) -> NodeKind | None:
    """The kind of node that an action or condition names; None: both or neither."""
    job, crawler = bool(shape.get("JobName")), bool(shape.get("CrawlerName"))
    if job == crawler:
        return None
    return NodeKind.JOB if job else NodeKind.CRAWLER


def _one_of_both(shape: Wire, what: str) -> _Fault:
    if shape.get("JobName") and shape.get("CrawlerName"):
        article = "an" if what == "action" else "a"
        text = f"Both JobName and CrawlerName cannot be set together in {article} {what}"
    else:
        text = f"JobName or CrawlerName in {what} cannot be null or empty"
    return _Fault("", text, is_aws=True)
