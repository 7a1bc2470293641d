"""What a workflow's triggers mean, in terms that other engines have; and what they cannot say.

Each job and crawler is a step that runs when its trigger's predicate is true over the states in which other steps
ended. Sources: docs/facts/triggers.md, docs/facts/workflows.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from glueprint.client.errors import GlueprintError
from glueprint.deploy.definitions.model import WorkflowDefinition
from glueprint.deploy.exporting.arrangement import Block, arrange, topological
from glueprint.facts.predicate import Logical, Node, Predicate
from glueprint.facts.states import NodeKind, TriggerState, TriggerType
from glueprint.workflow.model import Action, Graph, Trigger
from glueprint.workflow.wire import trigger_from_wire

DEFAULT_TIMEOUT_MINUTES = 2880


class NotExportable(GlueprintError):
    """The workflow has no faithful translation.

    Attributes:
        reasons: each of them.
    """

    def __init__(self, workflow: str, reasons: tuple[str, ...], remedy: str | None = None) -> None:
        listed = "".join(f"\n  {one}" for one in reasons)
        super().__init__(f"workflow {workflow} cannot be exported with the same meaning:{listed}", remedy)
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class Step:
    """A job or crawler.

    Attributes:
        predicate: when it runs; None: at the start.
        trigger: the trigger's name.
        timeout_minutes: of its job run.
        max_retries: of its job.
        queues: over its limit, the job's runs wait.
    """

    node: Node
    action: Action
    trigger: str
    predicate: Predicate | None = None
    timeout_minutes: int = DEFAULT_TIMEOUT_MINUTES
    max_retries: int = 0
    queues: bool = False

    @property
    def is_job(self) -> bool:
        """Whether it is a job, and not a crawler."""
        return self.node.kind is NodeKind.JOB


PROPERTIES_ARGUMENT = "--WORKFLOW_RUN_PROPERTIES"
"""The argument of a job that has the run properties, as JSON."""
PROPERTIES_OBJECT_ARGUMENT = "--WORKFLOW_RUN_PROPERTIES_S3"
"""The argument of a job that has the S3 location of the run properties."""
PROPERTIES_ARGUMENTS = (PROPERTIES_ARGUMENT, PROPERTIES_OBJECT_ARGUMENT)


@dataclass(frozen=True)
class Plan:
    """A workflow as steps.

    Attributes:
        order: the steps' nodes as sequences of what can run together.
        properties: the default run properties.
        schedule: the cron expression of its trigger.
        reads_run: jobs whose scripts read or write the workflow run, with the arguments of
            ``PROPERTIES_ARGUMENTS`` that each names.
        warnings: what differs from the workflow, whatever the engine.
        waits: warnings that only engines without free dependencies have: a step waits for others than it needs.
        early: warnings of ANY: the trigger fires before the others have ended.
    """

    workflow: str
    steps: Mapping[Node, Step]
    order: Block
    properties: Mapping[str, str] = field(default_factory=dict)
    schedule: str | None = None
    reads_run: Mapping[str, frozenset[str]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    waits: tuple[str, ...] = ()
    early: tuple[str, ...] = ()

    def with_warning(self, text: str) -> Plan:
        """Return the plan with one more warning."""
        return replace(self, warnings=(*self.warnings, text))


def check_readers(plan: Plan, argument: str | None) -> None:
    """Make sure that no script needs a workflow run, which an export does not have.

    Args:
        plan: the plan.
        argument: the one through which the export hands the run properties over; None if it does not.

    Raises:
        NotExportable: scripts read the workflow run, and not that argument.
    """
    readers = [job for job, known in plan.reads_run.items() if argument not in known]
    if readers:
        wanted = argument or f"{PROPERTIES_ARGUMENT} (or {PROPERTIES_OBJECT_ARGUMENT})"
        option = "" if argument else ", then export with --run-properties arguments (or s3://BUCKET/PREFIX/)"
        raise NotExportable(
            plan.workflow,
            tuple(f"the script of job {job} reads the workflow run, and there is none" for job in readers),
            f"change the scripts to read the argument {wanted} instead{option}",
        )


def plan_of(definition: WorkflowDefinition, reads_run: Mapping[str, frozenset[str]] | None = None) -> Plan:
    """Return the plan of a workflow.

    Raises:
        NotExportable: it has no faithful translation.
    """
    graph = Graph(tuple(_trigger(one.request()) for one in definition.triggers))
    jobs = {one.name: one.members for one in definition.jobs}
    crawlers = {one.name for one in definition.crawlers}
    reasons = tuple(_refusals(graph, set(jobs), crawlers))
    if reasons:
        raise NotExportable(definition.name, reasons)
    steps = {step.node: step for step in _steps(graph, jobs)}
    needs = {node: _needs(step, steps) for node, step in steps.items()}
    sorted_names = topological(tuple(steps), needs)
    if len(sorted_names) < len(steps):
        on_cycle = ", ".join(node.name for node in steps if node not in sorted_names)
        raise NotExportable(definition.name, (f"{on_cycle} wait for one another: a cycle",))
    order, extra = arrange(sorted_names, needs)
    waits = tuple(
        f"{one.name} also waits for {', '.join(other.name for other in others)}, which no trigger of it watches"
        for one, others in extra.items()
    )
    starting = graph.starting
    return Plan(
        definition.name,
        steps,
        order,
        dict(definition.workflow.members.get("DefaultRunProperties") or {}),
        starting.schedule if starting is not None and starting.type is TriggerType.SCHEDULED else None,
        reads_run or {},
        tuple(_warnings(definition, graph, steps)),
        waits,
        tuple(_early(graph, steps)),
    )


def _trigger(request: Mapping[str, Any]) -> Trigger:
    state = TriggerState.ACTIVATED if request.get("StartOnCreation") else TriggerState.CREATED
    return trigger_from_wire({**request, "State": state.value})


def _live(graph: Graph) -> list[Trigger]:
    """Return the triggers that can fire in a run."""
    starting = [graph.starting] if graph.starting is not None else []
    conditional = [one for one in graph.triggers if one.type is TriggerType.CONDITIONAL]
    return [*starting, *(one for one in conditional if one.state is TriggerState.ACTIVATED)]


def _refusals(graph: Graph, jobs: set[str], crawlers: set[str]) -> Iterator[str]:
    starting = graph.starting
    if starting is None or not starting.actions:
        yield "no trigger starts it, so that nothing ever runs"
        return
    if starting.type is TriggerType.EVENT and (starting.batch_size or 1) > 1:
        yield (
            f"trigger {starting.name} waits for {starting.batch_size} events: neither Step Functions nor Airflow "
            "collects events before a start"
        )
    started: dict[Node, list[str]] = {}
    for trigger in _live(graph):
        for action in trigger.actions:
            started.setdefault(action.node, []).append(trigger.name)
    for node, triggers in started.items():
        kind, known = ("job", jobs) if node.kind is NodeKind.JOB else ("crawler", crawlers)
        if len(triggers) > 1:
            names = ", ".join(sorted(set(triggers)))
            yield f"{kind} {node.name} is started by {names}: which of its runs counts depends on time"
        if node.name not in known:
            yield f"{kind} {node.name} does not exist"


def _steps(graph: Graph, jobs: Mapping[str, Mapping[str, Any]]) -> Iterator[Step]:
    for trigger in _live(graph):
        predicate = None if trigger.starts_workflow else trigger.predicate
        for action in trigger.actions:
            job = jobs.get(action.node.name, {}) if action.node.kind is NodeKind.JOB else {}
            yield Step(
                action.node,
                action,
                trigger.name,
                predicate,
                action.timeout or job.get("Timeout") or DEFAULT_TIMEOUT_MINUTES,
                job.get("MaxRetries") or 0,
                bool(job.get("JobRunQueuingEnabled")),
            )


def _needs(step: Step, steps: Mapping[Node, Step]) -> frozenset[Node]:
    if step.predicate is None:
        return frozenset()
    return frozenset(one.node for one in step.predicate.conditions if one.node in steps)


def _warnings(definition: WorkflowDefinition, graph: Graph, steps: Mapping[Node, Step]) -> Iterator[str]:
    starting = graph.starting
    if starting is not None and starting.type is TriggerType.EVENT:
        yield f"trigger {starting.name} starts on events: make the export the target of the EventBridge rule"
    for trigger in graph.triggers:
        is_idle = trigger.type is TriggerType.CONDITIONAL and trigger.state is not TriggerState.ACTIVATED
        if is_idle:
            names = ", ".join(action.node.name for action in trigger.actions)
            yield f"trigger {trigger.name} is not activated and never fires: {names} is not exported"
    for step in steps.values():
        if step.max_retries:
            yield (
                f"job {step.node.name} has MaxRetries {step.max_retries}, with which Glue would retry the runs of "
                "the export, too: set it to 0 first; the export retries instead, also a run that was stopped"
            )
    limit = definition.workflow.members.get("MaxConcurrentRuns")
    if limit:
        yield f"MaxConcurrentRuns {limit} of the workflow is not exported"


def _early(graph: Graph, steps: Mapping[Node, Step]) -> Iterator[str]:
    for trigger in _live(graph):
        watched = list(dict.fromkeys(one.node for one in trigger.conditions if one.node in steps))
        if trigger.logical is Logical.ANY and len(watched) > 1:
            names = ", ".join(node.name for node in watched)
            yield f"trigger {trigger.name} fires when the first of {names} ends so; the export waits for all"
