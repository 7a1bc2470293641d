"""A plan as tasks of Airflow: which trigger rules mean the same as the triggers.

Where all triggers wait for SUCCEEDED, trigger rules say it: ``all_success`` for AND, ``one_success`` for ANY.
Otherwise they do not: Airflow knows only success and failure, not TIMEOUT, STOPPED or CANCELLED, and a task that
did not run because of its predecessors counts as failed (``upstream_failed``), while for Glue it has no state. So
as soon as a trigger waits for another state, each trigger becomes a *gate*: a ShortCircuitOperator that runs when
all that it watches is over, looks by XCom which of it ran and how it ended, and otherwise skips what it starts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from glueprint.deploy.exporting.plan import Plan, Step
from glueprint.facts.predicate import Logical, Node

ALL_SUCCESS = "all_success"
ONE_SUCCESS = "one_success"
ALL_DONE = "all_done"

@dataclass(frozen=True, slots=True)
class GateCondition:
    """A node must have ended in ``state``; ``gate`` decided whether it runs, None: it runs at the start."""

    task: str
    gate: str | None
    state: str


@dataclass(frozen=True, slots=True)
class DagTask:
    """One task.

    Attributes:
        id: its task id.
        step: the job or crawler; None: it is a gate.
        rule: its trigger rule.
        upstream: the tasks before it.
        needed: of a gate, the number of ``conditions`` that must be true.
    """

    id: str
    step: Step | None
    rule: str = ALL_SUCCESS
    upstream: tuple[str, ...] = ()
    conditions: tuple[GateCondition, ...] = ()
    needed: int = 0


@dataclass(frozen=True, slots=True)
class DagPlan:
    """The tasks of a DAG, each after those before it, and what differs from the workflow."""

    tasks: tuple[DagTask, ...]
    warnings: tuple[str, ...]

    @property
    def has_gates(self) -> bool:
        """Whether triggers are tasks of their own."""
        return any(task.step is None for task in self.tasks)

    @property
    def can_hide_failures(self) -> bool:
        """Whether the last tasks can succeed although another one failed."""
        return self.has_gates or any(task.rule == ONE_SUCCESS for task in self.tasks)


def dag_plan(plan: Plan) -> DagPlan:
    """Return the tasks."""
    ids = _task_ids(plan)
    if _needs_gates(plan):
        return DagPlan(tuple(_gated(plan, ids)), (*plan.warnings, *plan.early))
    return DagPlan(tuple(_by_rules(plan, ids)), plan.warnings)


def _waits_for_other_states(step: Step) -> bool:
    assert step.predicate is not None
    return any(str(one.state) != "SUCCEEDED" for one in step.predicate.conditions)


def _needs_gates(plan: Plan) -> bool:
    """Whether trigger rules cannot say what some trigger means."""
    for step in plan.steps.values():
        if step.predicate is None:
            continue
        if _waits_for_other_states(step) or any(one.node not in plan.steps for one in step.predicate.conditions):
            return True
        if not step.predicate.conditions:
            return True
    return False


def _by_rules(plan: Plan, ids: dict[Node, str]) -> Iterator[DagTask]:
    for node, step in plan.steps.items():
        if step.predicate is None:
            yield DagTask(ids[node], step)
            continue
        rule = ONE_SUCCESS if step.predicate.logical is Logical.ANY else ALL_SUCCESS
        upstream = tuple(dict.fromkeys(ids[one.node] for one in step.predicate.conditions))
        yield DagTask(ids[node], step, rule, upstream)


def _gated(plan: Plan, ids: dict[Node, str]) -> Iterator[DagTask]:
    gates: dict[str, str] = {}
    taken = set(ids.values())
    for step in plan.steps.values():
        if step.predicate is not None and step.trigger not in gates:
            gates[step.trigger] = _unique(f"trigger.{_plain(step.trigger)}", taken)
    made: set[str] = set()
    for node, step in plan.steps.items():
        if step.predicate is None:
            yield DagTask(ids[node], step)
            continue
        gate = gates[step.trigger]
        if gate not in made:
            made.add(gate)
            known = [one for one in step.predicate.conditions if one.node in plan.steps]
            conditions = tuple(
                GateCondition(ids[one.node], gates.get(plan.steps[one.node].trigger), str(one.state))
                for one in known
            )
            upstream = tuple(dict.fromkeys(one.task for one in conditions))
            yield DagTask(gate, None, ALL_DONE, upstream, conditions, step.predicate.needed)
        yield DagTask(ids[node], step, ALL_SUCCESS, (gate,))


def _task_ids(plan: Plan) -> dict[Node, str]:
    taken: set[str] = set()
    return {node: _unique(_plain(node.name), taken) for node in plan.steps}


def _plain(name: str) -> str:
    return re.sub(r"[^\w.-]", "_", name, flags=re.ASCII)[:200]


def _unique(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}_{number}"
    taken.add(name)
    return name
