"""What CreateTrigger and UpdateTrigger refuse: every broken rule of a trigger, in words, all at once.

The input is the request as it came, because some faults - both JobName and CrawlerName in one action, a crawler
condition with State - are visible there only. What the service model itself demands (required members, lengths,
enums) is checked before, by the protocol layer.

Sources: service model (documentation of ``CreateTriggerRequest``, ``Predicate``, ``Condition``, ``Action``), Glue
guide "About triggers", "Creating and running workflows", "AWS Glue blueprint classes" (two crawlers).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from glueprint.workflow.model import NodeKind, Trigger, TriggerType
from glueprint.workflow.schedule import ScheduleError
from glueprint.workflow.schedule import parse as parse_schedule
from glueprint.workflow.states import watchable_states

MAX_CRAWLERS = 2
"""How many crawlers one trigger may start."""
TIMEOUT_LIMIT = 7 * 24 * 60
"""Minutes; a timeout must be less."""

Wire = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a trigger is judged against. The defaults know of nothing and refuse nothing."""

    siblings: tuple[Trigger, ...] = ()
    """The triggers of the workflow that the trigger is to join; its own earlier form may be among them."""
    workflow_exists: Callable[[str], bool] = lambda name: True
    job_exists: Callable[[str], bool] = lambda name: True
    crawler_exists: Callable[[str], bool] = lambda name: True


def request_of_update(current: Wire, update: Wire) -> dict[str, Any]:
    """The CreateTrigger request that an UpdateTrigger amounts to: the definition is replaced as a whole, while
    name, type and workflow stay (they are not part of ``TriggerUpdate``).

    Args:
        current: the stored trigger, as an API shape.
        update: ``TriggerUpdate``.
    """
    kept = {name: current[name] for name in ("Name", "Type", "WorkflowName") if name in current}
    return {**update, **kept}


def broken_rules(request: Wire, around: Surroundings | None = None) -> list[str]:
    """Every rule that a CreateTrigger request breaks; empty when Glue would accept it.

    Args:
        request: a request that is valid by the service model (see :func:`request_of_update` for updates).
        around: what else there is.
    """
    around = around or Surroundings()
    return [
        *_type_rules(request),
        *_predicate_rules(request, around),
        *_self_rules(request),
        *_action_rules(request, around),
        *_workflow_rules(request, around),
    ]


def _type_rules(request: Wire) -> Iterator[str]:
    match TriggerType(request["Type"]):
        case TriggerType.ON_DEMAND:
            if request.get("StartOnCreation"):
                yield "StartOnCreation: true is not supported for ON_DEMAND triggers; start it with StartTrigger"
        case TriggerType.SCHEDULED:
            yield from (f"Schedule: {text}" for text in _schedule_rules(request.get("Schedule")))
        case TriggerType.CONDITIONAL:
            if not _conditions(request):
                yield "Predicate: cannot be null or empty; a CONDITIONAL trigger needs at least one condition"
        case TriggerType.EVENT:
            if not request.get("WorkflowName"):
                yield "WorkflowName: an EVENT trigger can only be the starting trigger of a workflow"


def _schedule_rules(schedule: str | None) -> Iterator[str]:
    if not schedule:
        yield "a SCHEDULED trigger needs one, such as cron(15 12 * * ? *)"
        return
    try:
        parse_schedule(schedule)
    except ScheduleError as error:
        yield from (f"{schedule}: {problem}" for problem in error.problems)


def _predicate_rules(request: Wire, around: Surroundings) -> Iterator[str]:
    conditions = _conditions(request)
    if len(conditions) > 1 and not request["Predicate"].get("Logical"):
        yield f"Predicate.Logical: AND or ANY is required with {len(conditions)} conditions"
    for number, condition in enumerate(conditions):
        where = f"Predicate.Conditions[{number}]"
        kind = _kind(condition)
        if kind is None:
            yield f"{where}: {_one_of_both(condition)}"
            continue
        if not condition.get("LogicalOperator"):  # optional in the model, and refused all the same: aws-cdk #34652
            yield f"{where}.LogicalOperator: Logical operator cannot be null or empty (EQUALS is the only one)"
        yield from (f"{where}.{text}" for text in _state_rules(condition, kind))
        yield from (f"{where}.{text}" for text in _existence(condition, kind, around))


def _state_rules(condition: Wire, kind: NodeKind) -> Iterator[str]:
    name, other = ("State", "CrawlState") if kind is NodeKind.JOB else ("CrawlState", "State")
    what = "job" if kind is NodeKind.JOB else "crawler"
    state = condition.get(name)
    allowed = ", ".join(watchable_states(kind))
    if state is None:
        yield f"{name}: State cannot be null or empty, choose from one of the following {what} state: [{allowed}]"
    elif state not in watchable_states(kind):
        yield f"{name}: {state} cannot be waited for; a trigger can listen for {allowed}"
    if condition.get(other) is not None:
        yield f"{other}: does not belong in a condition on a {what}; use {name}"


def _self_rules(request: Wire) -> Iterator[str]:
    """The words are AWS's own (terraform-provider-aws #39571); of crawlers no source says so."""
    started = {action.get("JobName") for action in request.get("Actions") or ()} - {None}
    for name in sorted(started & {condition.get("JobName") for condition in _conditions(request)}):
        yield f"Job cannot be a Predicate and Action for Conditional Trigger: {name}"


def _action_rules(request: Wire, around: Surroundings) -> Iterator[str]:
    actions = request.get("Actions") or []
    if not actions:
        yield "Actions: at least one is required"
    crawlers = 0
    for number, action in enumerate(actions):
        where = f"Actions[{number}]"
        kind = _kind(action)
        if kind is None:
            yield f"{where}: {_one_of_both(action)}"
            continue
        crawlers += kind is NodeKind.CRAWLER
        yield from (f"{where}.{text}" for text in _existence(action, kind, around))
        timeout = action.get("Timeout")
        if timeout is not None and timeout >= TIMEOUT_LIMIT:
            yield f"{where}.Timeout: {timeout} minutes; it must be less than {TIMEOUT_LIMIT} (7 days)"
    if crawlers > MAX_CRAWLERS:
        yield f"Actions: {crawlers} crawlers; a trigger can start at most {MAX_CRAWLERS}"


def _workflow_rules(request: Wire, around: Surroundings) -> Iterator[str]:
    workflow = request.get("WorkflowName")
    if not workflow:
        return
    if not around.workflow_exists(workflow):
        yield f"WorkflowName: workflow {workflow} does not exist"
    if request["Type"] == TriggerType.CONDITIONAL:
        return
    for other in around.siblings:
        if other.starts_workflow and other.name != request.get("Name"):
            yield (
                f"WorkflowName: workflow {workflow} already has the starting trigger {other.name} "
                f"({other.type}); a workflow has only one"
            )


def _existence(shape: Wire, kind: NodeKind, around: Surroundings) -> Iterator[str]:
    if kind is NodeKind.JOB and not around.job_exists(shape["JobName"]):
        yield f"JobName: job {shape['JobName']} does not exist"
    if kind is NodeKind.CRAWLER and not around.crawler_exists(shape["CrawlerName"]):
        yield f"CrawlerName: crawler {shape['CrawlerName']} does not exist"


def _conditions(request: Wire) -> list[Wire]:
    predicate = request.get("Predicate") or {}
    return list(predicate.get("Conditions") or ())


def _kind(shape: Wire) -> NodeKind | None:
    """What an action or condition is about; None: both or neither."""
    job, crawler = bool(shape.get("JobName")), bool(shape.get("CrawlerName"))
    if job == crawler:
        return None
    return NodeKind.JOB if job else NodeKind.CRAWLER


def _one_of_both(shape: Wire) -> str:
    both = shape.get("JobName") and shape.get("CrawlerName")
    return f"JobName and CrawlerName: exactly one is needed, and {'both are' if both else 'neither is'} there"
