"""Places the nodes of a directed graph in layers, from left to right. Pure, and the same for the same input.

The steps are those of Sugiyama, Tagawa and Toda (1981): edges that close a cycle are turned around, each node gets
the layer after its last predecessor, long edges get a point in each layer between, layers are sorted so that few
edges cross (barycenters), and rows are chosen so that neighbours are near each other: in each layer the positions
that are nearest to the wanted ones without overlaps, which is isotonic regression.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

N = TypeVar("N", bound=Hashable)

GAP_BETWEEN_LAYERS = 38.0
GAP_BETWEEN_ROWS = 16.0
_SWEEPS = 6
_POINT_HEIGHT = 10.0

Edge = tuple[N, N]


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height of a node."""

    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a node is: its centre, and its layer, from 0."""

    x: float
    y: float
    layer: int


@dataclass(frozen=True)
class Layout(Generic[N]):
    """A placed graph.

    Attributes:
        nodes: where each node is.
        lines: for each edge the points that it passes, in the direction of the edge.
        width: of the picture.
        height: of the picture.
    """

    nodes: Mapping[N, Placed]
    lines: Mapping[Edge[N], tuple[tuple[float, float], ...]]
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class _Point(Generic[N]):
    """Where a long edge passes a layer."""

    edge: tuple[N, N]
    layer: int


def lay_out(sizes: Mapping[N, Size], edges: Sequence[Edge[N]]) -> Layout[N]:
    """Return a layout.

    Args:
        sizes: the size of each node; their order decides between equal places.
        edges: pairs of nodes; an edge from a node to itself has no line.
    """
    forward = _without_cycles(list(sizes), edges)
    layer_of = _layers(list(sizes), forward)
    chains = {edge: _chain(edge, layer_of) for edge in forward}
    layers = _ordered(layer_of, chains)
    heights: dict[object, float] = {node: size.height for node, size in sizes.items()}
    heights |= {one: _POINT_HEIGHT for layer in layers for one in layer if isinstance(one, _Point)}
    rows = _rows(layers, chains, heights)
    columns, width = _columns(layers, sizes)
    top = min((rows[one] - heights[one] / 2 for one in rows), default=0.0)
    bottom = max((rows[one] + heights[one] / 2 for one in rows), default=0.0)
    nodes = {one: Placed(columns[layer_of[one]], rows[one] - top, layer_of[one]) for one in sizes}
    lines = {}
    for edge in dict.fromkeys(edges):
        if edge[0] == edge[1]:
            continue
        turned = edge not in chains
        chain = chains[edge[1], edge[0]] if turned else chains[edge]
        points = [_place(one, layer_of, columns, rows, top) for one in chain]
        lines[edge] = tuple(reversed(points)) if turned else tuple(points)
    return Layout(nodes, lines, width, bottom - top)


def layers_of(nodes: Sequence[N], edges: Sequence[Edge[N]]) -> dict[N, int]:
    """Return the layer of each node, from 0."""
    return _layers(nodes, _without_cycles(nodes, edges))


def _place(
    one: object, layer_of: Mapping[N, int], columns: Sequence[float], rows: Mapping[object, float], top: float
) -> tuple[float, float]:
    layer = one.layer if isinstance(one, _Point) else layer_of[one]  # type: ignore[index]
    return columns[layer], rows[one] - top


def _without_cycles(nodes: Sequence[N], edges: Sequence[Edge[N]]) -> list[Edge[N]]:
    """Return the edges, each once, with those that close a cycle turned around."""
    following: dict[N, list[N]] = {node: [] for node in nodes}
    for start, end in dict.fromkeys(edges):
        if start != end:
            following[start].append(end)
    done: set[N] = set()
    active: set[N] = set()
    found: dict[Edge[N], None] = {}
    entered = {end for start, end in edges if start != end}
    for root in [*(node for node in nodes if node not in entered), *nodes]:
        if root in done or root in active:
            continue
        active.add(root)
        stack = [(root, iter(following[root]))]
        while stack:
            node, rest = stack[-1]
            for end in rest:
                found[(end, node) if end in active else (node, end)] = None
                if end not in active and end not in done:
                    active.add(end)
                    stack.append((end, iter(following[end])))
                    break
            else:
                active.discard(node)
                done.add(node)
                stack.pop()
    return list(found)


def _layers(nodes: Sequence[N], edges: Sequence[Edge[N]]) -> dict[N, int]:
    """Return the layer of each node: one more than the highest of its predecessors."""
    following: dict[N, list[N]] = defaultdict(list)
    waiting = dict.fromkeys(nodes, 0)
    for start, end in edges:
        following[start].append(end)
        waiting[end] += 1
    layer = dict.fromkeys(nodes, 0)
    ready = [node for node in nodes if not waiting[node]]
    for node in ready:
        for end in following[node]:
            layer[end] = max(layer[end], layer[node] + 1)
            waiting[end] -= 1
            if not waiting[end]:
                ready.append(end)
    return layer


def _chain(edge: Edge[N], layer_of: Mapping[N, int]) -> list[object]:
    start, end = edge
    return [start, *(_Point(edge, layer) for layer in range(layer_of[start] + 1, layer_of[end])), end]


def _neighbours(
    chains: Mapping[Edge[N], list[object]],
) -> tuple[dict[object, list[object]], dict[object, list[object]]]:
    before: dict[object, list[object]] = defaultdict(list)
    after: dict[object, list[object]] = defaultdict(list)
    for chain in chains.values():
        for one, following in itertools.pairwise(chain):
            after[one].append(following)
            before[following].append(one)
    return before, after


def _ordered(layer_of: Mapping[N, int], chains: Mapping[Edge[N], list[object]]) -> list[list[object]]:
    """Return the layers, each sorted so that few edges cross."""
    layers: list[list[object]] = [[] for _ in range(max(layer_of.values(), default=-1) + 1)]
    for node, layer in layer_of.items():
        layers[layer].append(node)
    for chain in chains.values():
        for one in chain[1:-1]:
            assert isinstance(one, _Point)
            layers[one.layer].append(one)
    before, after = _neighbours(chains)
    for sweep in range(_SWEEPS):
        is_forward = sweep % 2 == 0
        near = before if is_forward else after
        for index in range(1, len(layers)) if is_forward else range(len(layers) - 2, -1, -1):
            fixed = layers[index - 1 if is_forward else index + 1]
            places = {one: place for place, one in enumerate(fixed)}
            own = {one: place for place, one in enumerate(layers[index])}
            scale = len(fixed) / max(1, len(own))

            def barycenter(
                one: object,
                near: Mapping[object, list[object]] = near,
                places: Mapping[object, int] = places,
                own: Mapping[object, int] = own,
                scale: float = scale,
            ) -> float:
                there = [places[other] for other in near.get(one, ())]
                return sum(there) / len(there) if there else own[one] * scale

            layers[index].sort(key=barycenter)
    return layers


def _rows(
    layers: Sequence[list[object]], chains: Mapping[Edge[N], list[object]], heights: Mapping[object, float]
) -> dict[object, float]:
    """Return the vertical centre of everything in the layers."""
    before, after = _neighbours(chains)
    rows: dict[object, float] = {}
    for layer in layers:
        total = sum(heights[one] for one in layer) + GAP_BETWEEN_ROWS * max(0, len(layer) - 1)
        _stack(layer, heights, -total / 2, rows)
    for sweep in range(_SWEEPS):
        near = before if sweep % 2 == 0 else after
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            wanted = [_middle([rows[other] for other in near.get(one, ())], rows[one]) for one in layer]
            rows |= zip(layer, _apart(wanted, [heights[one] for one in layer]), strict=True)
    return rows


def _stack(
    layer: Sequence[object], heights: Mapping[object, float], start: float, rows: dict[object, float]
) -> None:
    for one in layer:
        rows[one] = start + heights[one] / 2
        start += heights[one] + GAP_BETWEEN_ROWS


def _middle(values: list[float], default: float) -> float:
    return sum(values) / len(values) if values else default


def _apart(wanted: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Return the ascending positions without overlaps whose squared distance to the wanted ones is the
    smallest."""
    offsets, offset = [], 0.0
    for index, height in enumerate(heights):
        if index:
            offset += (heights[index - 1] + height) / 2 + GAP_BETWEEN_ROWS
        offsets.append(offset)
    blocks: list[tuple[float, int]] = []  # mean and number: pool adjacent violators
    for want, shift in zip(wanted, offsets, strict=True):
        mean, number = want - shift, 1
        while blocks and blocks[-1][0] > mean:
            other, count = blocks.pop()
            mean, number = (mean * number + other * count) / (number + count), number + count
        blocks.append((mean, number))
    flat = [mean for mean, number in blocks for _ in range(number)]
    return [value + shift for value, shift in zip(flat, offsets, strict=True)]


def _columns(layers: Sequence[list[object]], sizes: Mapping[N, Size]) -> tuple[list[float], float]:
    """Return the horizontal centre of each layer, and the width of all."""
    centres: list[float] = []
    start = 0.0
    for layer in layers:
        width = max((sizes[one].width for one in layer if not isinstance(one, _Point)), default=0.0)  # type: ignore[index]
        centres.append(start + width / 2)
        start += width + GAP_BETWEEN_LAYERS
    return centres, max(0.0, start - GAP_BETWEEN_LAYERS)
