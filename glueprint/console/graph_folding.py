"""Groups the nodes of a large graph, so that its picture stays readable. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

N = TypeVar("N", bound=Hashable)

MAX_UNFOLDED = 160
"""Nodes of a graph that is shown as it is: about 100 jobs with their triggers."""
MAX_ROWS = 6
"""Nodes of one kind in one layer of a larger graph that are shown one by one."""
MAX_LAYERS = 40
"""Layers of a larger graph; beyond that, consecutive ones are one group."""


@dataclass(frozen=True, slots=True)
class Group:
    """Nodes that are shown as one.

    Attributes:
        key: identifies it in addresses: the same for the same graph.
        first: the first layer.
        last: the last layer.
        kind: the kind of its nodes, or "nodes" if they differ.
    """

    key: str
    first: int
    last: int
    kind: str


def fold(kinds: Mapping[N, str], layer_of: Mapping[N, int], opened: Collection[str]) -> dict[N, Group]:
    """Return the group of each node that is not shown itself.

    Args:
        kinds: the kind of each node.
        layer_of: the layer of each node.
        opened: keys of groups whose nodes are shown.
    """
    if len(kinds) <= MAX_UNFOLDED:
        return {}
    layers = max(layer_of.values()) + 1
    if layers > MAX_LAYERS:
        return _of_blocks(kinds, layer_of, -(-layers // MAX_LAYERS), opened)
    counts = Counter((layer_of[node], kind) for node, kind in kinds.items())
    groups = {}
    for node, kind in kinds.items():
        layer = layer_of[node]
        if counts[layer, kind] > MAX_ROWS and (key := f"{kind}.{layer}") not in opened:
            groups[node] = Group(key, layer, layer, kind)
    return groups


def _of_blocks(
    kinds: Mapping[N, str], layer_of: Mapping[N, int], height: int, opened: Collection[str]
) -> dict[N, Group]:
    """Return groups of ``height`` consecutive layers."""
    members: dict[int, set[str]] = defaultdict(set)
    for node, kind in kinds.items():
        members[layer_of[node] // height].add(kind)
    groups = {}
    for node in kinds:
        block = layer_of[node] // height
        key = f"layers.{block}"
        if key not in opened:
            kind = next(iter(members[block])) if len(members[block]) == 1 else "nodes"
            groups[node] = Group(key, block * height, block * height + height - 1, kind)
    return groups
