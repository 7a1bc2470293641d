"""Orders steps as sequences of what can run together: the form that Parallel states have.

Steps that do not depend on one another run together. Otherwise they are cut in two parts that run one after the
other: without any difference where everything in the second depends on everything in the first, else after the
steps that depend on nothing; then some step waits for one that it does not depend on, which is reported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, Union

from glueprint.facts.predicate import Node


@dataclass(frozen=True)
class Series:
    """One after the other."""

    parts: tuple[Block, ...]


@dataclass(frozen=True)
class Together:
    """At once; over when all are over."""

    parts: tuple[Block, ...]


Block: TypeAlias = Union[Node, "Series", "Together"]
"""A step, or several in this order."""


def arrange(
    names: Sequence[Node], needs: Mapping[Node, frozenset[Node]]
) -> tuple[Block, dict[Node, tuple[Node, ...]]]:
    """Return the order, and for each step that waits for others than it needs, those others.

    Args:
        names: the steps, at least one; the order within a block is theirs.
        needs: what each depends on directly; without cycles.
    """
    ancestors: dict[Node, frozenset[Node]] = {}
    for name in topological(names, needs):
        ancestors[name] = needs[name].union(*(ancestors[one] for one in needs[name]))
    extra: dict[Node, tuple[Node, ...]] = {}
    return _arranged(tuple(names), needs, ancestors, extra), extra


def topological(names: Sequence[Node], needs: Mapping[Node, frozenset[Node]]) -> list[Node]:
    """Return steps so that each comes after what it needs; those on cycles, or behind one, are left out."""
    done: dict[Node, None] = {}
    while True:
        ready = [one for one in names if one not in done and all(need in done for need in needs[one])]
        if not ready:
            return list(done)
        done.update(dict.fromkeys(ready))


def _arranged(
    names: tuple[Node, ...],
    needs: Mapping[Node, frozenset[Node]],
    ancestors: Mapping[Node, frozenset[Node]],
    extra: dict[Node, tuple[Node, ...]],
) -> Block:
    if len(names) == 1:
        return names[0]
    groups = _components(names, needs)
    if len(groups) > 1:
        return Together(tuple(_arranged(group, needs, ancestors, extra) for group in groups))
    first = _exact_cut(names, ancestors)
    if first is None:
        within = set(names)
        first = tuple(one for one in names if not needs[one] & within)
        for one in names:
            if one not in first and (needs[one] & within) <= set(first):
                waits = tuple(other for other in first if other not in ancestors[one])
                if waits:
                    extra[one] = (*extra.get(one, ()), *waits)
    rest = tuple(one for one in names if one not in set(first))
    blocks = [_arranged(part, needs, ancestors, extra) for part in (first, rest)]
    return Series(
        tuple(part for block in blocks for part in (block.parts if isinstance(block, Series) else (block,)))
    )


def _exact_cut(names: tuple[Node, ...], ancestors: Mapping[Node, frozenset[Node]]) -> tuple[Node, ...] | None:
    """Return the smallest first part on which everything else depends; None: there is none."""
    within = set(names)
    of = {one: ancestors[one] & within for one in names}
    ordered = sorted(names, key=lambda one: len(of[one]))
    for size in range(1, len(names)):
        first = set(ordered[:size])
        if all(first <= of[one] for one in ordered[size:]):
            return tuple(one for one in names if one in first)
    return None


def _components(names: tuple[Node, ...], needs: Mapping[Node, frozenset[Node]]) -> list[tuple[Node, ...]]:
    """Return the groups of steps that are connected by what they need."""
    within, group_of = set(names), {one: {one} for one in names}
    for one in names:
        for need in needs[one] & within:
            if group_of[need] is not group_of[one]:
                joined = group_of[need] | group_of[one]
                for member in joined:
                    group_of[member] = joined
    found: list[tuple[Node, ...]] = []
    seen: set[Node] = set()
    for one in names:
        if one not in seen:
            group = tuple(other for other in names if other in group_of[one])
            seen.update(group)
            found.append(group)
    return found
