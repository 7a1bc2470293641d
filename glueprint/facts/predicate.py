"""The predicate of a conditional trigger: when it is true, and what is missing.

Everything that needs to know whether a trigger fires uses this module: the run machine, triggers outside
workflows, the explanation of a run and the analysis of a workflow. Sources: service model, ``Predicate``,
``Condition``, ``Logical``; DG:about-triggers. A predicate without ``Logical`` counts as AND, and one without
conditions is never true (docs/fidelity/workflow.md).

:meth:`Predicate.evaluate` evaluates all conditions. A caller that follows single changes, such as a workflow run
with thousands of nodes, counts the different conditions that are true and calls :meth:`Predicate.evaluate_count`
instead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from glueprint.compat import StrEnum
from glueprint.facts.states import NodeKind


class Logical(StrEnum):
    """How a predicate joins its conditions (service model, ``Logical``)."""

    AND = "AND"
    ANY = "ANY"


@dataclass(frozen=True, order=True)
class Node:
    """A job or a crawler, by name."""

    kind: NodeKind
    name: str


@dataclass(frozen=True)
class Condition:
    """``node`` reached ``state`` (the only operator of Glue is EQUALS)."""

    node: Node
    state: str


@dataclass(frozen=True)
class Predicate:
    """Conditions joined by AND or ANY.

    Attributes:
        conditions: each of them once, in the order of the request.
        needed: the number of them that must be true.
    """

    logical: Logical | None
    conditions: tuple[Condition, ...]
    needed: int = field(init=False, compare=False)

    def __post_init__(self) -> None:
        count = len(self.conditions)
        if count > 1:  # most predicates have one
            different = tuple(dict.fromkeys(self.conditions))
            object.__setattr__(self, "conditions", different)
            count = len(different)
        object.__setattr__(self, "needed", 1 if self.logical is Logical.ANY else max(count, 1))

    def evaluate(self, is_true: Callable[[Condition], bool]) -> bool:
        """Return whether the predicate is true.

        Args:
            is_true: whether one condition is true. With a function that returns whether a condition is *possible*,
                the result is whether the predicate could still become true.
        """
        return self.evaluate_count(sum(map(is_true, self.conditions)))

    def evaluate_count(self, count: int) -> bool:
        """Return whether the predicate is true when this number of its conditions are true."""
        return count >= self.needed

    def missing(self, is_true: Callable[[Condition], bool]) -> tuple[Condition, ...]:
        """Return the conditions that are not true; none if the predicate is true without them."""
        false = tuple(one for one in self.conditions if not is_true(one))
        return () if self.evaluate_count(len(self.conditions) - len(false)) else false

    def contradictions(self) -> dict[Node, tuple[str, ...]]:
        """Return the nodes that an AND needs in several states at once, which no node has."""
        if self.needed == 1:  # ANY, or a single condition
            return {}
        wanted: dict[Node, list[str]] = {}
        for condition in self.conditions:
            wanted.setdefault(condition.node, []).append(condition.state)
        return {node: tuple(states) for node, states in wanted.items() if len(states) > 1}
