"""What one run costs before it has taken place: at least, expected, at most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from glueprint.deploy.cost.billing import CRAWLER_RATE, Rate, job_rate, money
from glueprint.deploy.definitions.model import Definition, Kind, WorkflowDefinition
from glueprint.facts.defaults import default_timeout_minutes
from glueprint.workflow.schedule import ScheduleError, parse

MONTH = timedelta(days=30)
MAX_RUNS_COUNTED = 10_000


@dataclass(frozen=True)
class NodeEstimate:
    """Bounds for one job or crawler.

    Attributes:
        price: of a DPU-hour; None if it is not known.
        least: DPU-hours of the shortest run.
        expected: DPU-hours of a run of the expected duration; None if that is not known.
        most: DPU-hours of all attempts until their timeouts; None if there is no timeout.
        attempts: how often the job may run in one workflow run.
    """

    kind: Kind
    name: str
    rate: Rate
    price: Decimal | None
    least: Decimal
    expected: Decimal | None
    most: Decimal | None
    attempts: int = 1

    def amount(self, dpu_hours: Decimal | None) -> Decimal | None:
        """Return the money for DPU-hours of this node."""
        return money(dpu_hours, self.price)


@dataclass(frozen=True)
class Estimate:
    """Bounds for one run of a workflow.

    Attributes:
        runs_a_month: by its schedules; None if it has none.
        notes: what the figures rest on.
    """

    workflow: str
    nodes: tuple[NodeEstimate, ...]
    runs_a_month: int | None
    notes: tuple[str, ...] = field(default=())

    def total(self, bound: str) -> tuple[Decimal | None, Decimal | None]:
        """Return DPU-hours and money of ``least``, ``expected`` or ``most``; None if one of the nodes has none."""
        hours = [getattr(node, bound) for node in self.nodes]
        amounts = [node.amount(getattr(node, bound)) for node in self.nodes]
        return _sum(hours), _sum(amounts)


def estimate(
    definition: WorkflowDefinition,
    amounts: Mapping[str, Decimal],
    seconds: Mapping[str, float],
    now: datetime,
) -> Estimate:
    """Return the bounds of one run.

    Args:
        definition: the workflow.
        amounts: of prices by name.
        seconds: expected durations by node, for those that are known.
        now: for the number of runs by schedule.
    """
    started = _started(definition)
    nodes = tuple(
        _node(one, amounts, seconds.get(one.name), started.get(one.name, {})) for one in definition.nodes
    )
    notes = []
    if any(node.kind is Kind.CRAWLER for node in nodes):
        notes.append("A crawl is taken to use 2 DPUs, as in the examples of the pricing page; it has no timeout.")
    if any("--enable-auto-scaling" in one.members.get("DefaultArguments", {}) for one in definition.jobs):
        notes.append(
            "Jobs with auto scaling are billed for the workers that they used: the figures are upper bounds."
        )
    return Estimate(definition.name, nodes, runs_a_month(definition, now), tuple(notes))


def _node(
    one: Definition, amounts: Mapping[str, Decimal], seconds: float | None, action: Mapping[str, Any]
) -> NodeEstimate:
    if one.kind is Kind.CRAWLER:
        rate, most, attempts = CRAWLER_RATE, None, 1
    else:
        rate = job_rate(one.members)
        attempts = 1 + int(one.members.get("MaxRetries") or 0)
        minutes = action.get("Timeout") or one.members.get("Timeout") or _default_timeout(one.members)
        most = None if not minutes else attempts * rate.dpu_hours(60 * minutes)
    expected = None if seconds is None else rate.dpu_hours(seconds)
    return NodeEstimate(
        one.kind, one.name, rate, amounts.get(rate.price), rate.dpu_hours(0), expected, most, attempts
    )


def _default_timeout(members: Mapping[str, Any]) -> int | None:
    command = str((members.get("Command") or {}).get("Name", "glueetl"))
    return default_timeout_minutes(command, members.get("GlueVersion"))


def _started(definition: WorkflowDefinition) -> dict[str, Mapping[str, Any]]:
    """Return the action that starts each node, which may have a timeout of its own."""
    return {
        action.get("JobName") or action.get("CrawlerName", ""): action
        for trigger in definition.triggers
        for action in trigger.members.get("Actions", ())
    }


def runs_a_month(definition: WorkflowDefinition, now: datetime) -> int | None:
    """Return how often the workflow's schedules start it within 30 days; None if it has no schedule."""
    expressions = [
        str(one.members["Schedule"]) for one in definition.triggers if one.members.get("Type") == "SCHEDULED"
    ]
    if not expressions:
        return None
    return sum(_times(expression, now) for expression in expressions)


def _times(expression: str, now: datetime) -> int:
    try:
        schedule = parse(expression)
    except ScheduleError:
        return 0
    moment: datetime | None = now
    count = 0
    while count < MAX_RUNS_COUNTED and (moment := schedule.next_after(moment or now)) is not None:
        if moment > now + MONTH:
            break
        count += 1
    return count


def _sum(values: Iterable[Decimal | None]) -> Decimal | None:
    total = Decimal(0)
    for value in values:
        if value is None:
            return None
        total += value
    return total
