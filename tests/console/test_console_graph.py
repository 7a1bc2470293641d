"""The graph's layout, folding and picture, by properties."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("jinja2")

from glueprint.console.graph_folding import MAX_LAYERS, MAX_UNFOLDED, fold
from glueprint.console.graph_layout import GAP_BETWEEN_ROWS, Size, lay_out, layers_of
from glueprint.console.graph_picture import common_suffix, shortened_name

graphs = st.integers(1, 25).flatmap(
    lambda number: st.tuples(
        st.just(list(range(number))),
        st.lists(st.tuples(st.integers(0, number - 1), st.integers(0, number - 1)), max_size=50),
        st.lists(st.tuples(st.integers(20, 200), st.integers(20, 60)), min_size=number, max_size=number),
    )
)
Drawn = tuple[list[int], list[tuple[int, int]], list[tuple[int, int]]]


@settings(max_examples=60)
@given(graphs)
def test_nodes_do_not_overlap_and_are_inside(drawn: Drawn) -> None:
    """Each node has a place in the picture, and two of one layer are apart."""
    nodes, edges, sizes = drawn
    of = {node: Size(*size) for node, size in zip(nodes, sizes, strict=True)}
    layout = lay_out(of, edges)
    assert set(layout.nodes) == set(nodes)
    for one in nodes:
        place = layout.nodes[one]
        assert place.y - of[one].height / 2 >= -0.01
        assert place.y + of[one].height / 2 <= layout.height + 0.01
        assert place.x - of[one].width / 2 >= -0.01
        assert place.x + of[one].width / 2 <= layout.width + 0.01
        for other in nodes:
            if one < other and layout.nodes[other].layer == place.layer:
                apart = abs(layout.nodes[other].y - place.y)
                assert apart >= (of[one].height + of[other].height) / 2 + GAP_BETWEEN_ROWS - 0.01


@settings(max_examples=60)
@given(graphs)
def test_edges_join_their_nodes(drawn: Drawn) -> None:
    """Each edge has a line from its first node to its second one."""
    nodes, edges, sizes = drawn
    layout = lay_out({node: Size(*size) for node, size in zip(nodes, sizes, strict=True)}, edges)
    assert set(layout.lines) == {edge for edge in edges if edge[0] != edge[1]}
    for (start, end), points in layout.lines.items():
        assert points[0] == (layout.nodes[start].x, layout.nodes[start].y)
        assert points[-1] == (layout.nodes[end].x, layout.nodes[end].y)


@settings(max_examples=60)
@given(graphs)
def test_without_cycles_edges_go_to_the_right(drawn: Drawn) -> None:
    """In an acyclic graph each node is in a later layer than its predecessors."""
    nodes, edges, _ = drawn
    forward = [(min(edge), max(edge)) for edge in edges if edge[0] != edge[1]]
    layers = layers_of(nodes, forward)
    assert all(layers[start] < layers[end] for start, end in forward)
    assert set(layers.values()) == set(range(max(layers.values()) + 1))


@settings(max_examples=30)
@given(graphs)
def test_the_layout_is_the_same_each_time(drawn: Drawn) -> None:
    """The picture does not jump between two refreshes."""
    nodes, edges, sizes = drawn
    of = {node: Size(*size) for node, size in zip(nodes, sizes, strict=True)}
    assert lay_out(of, edges) == lay_out(of, edges)


@settings(max_examples=30)
@given(st.lists(st.integers(0, 300), min_size=1, max_size=600), st.data())
def test_folding_keeps_pictures_small(layers: list[int], data: st.DataObject) -> None:
    """A large graph has at most a few boxes for each of a limited number of layers, and a small one is not
    folded."""
    used = sorted(set(layers))
    layer_of = {node: used.index(layer) for node, layer in enumerate(layers)}
    kinds = {node: data.draw(st.sampled_from(["job", "trigger"])) if node < 20 else "job" for node in layer_of}
    groups = fold(kinds, layer_of, ())
    if len(kinds) <= MAX_UNFOLDED:
        assert groups == {}
        return
    boxes = len({group.key for group in groups.values()}) + len(kinds) - len(groups)
    assert boxes <= max(MAX_LAYERS, 1) * 12
    opened = {group.key for group in groups.values()}
    assert fold(kinds, layer_of, opened) == {}


@given(st.text(max_size=80))
def test_names_keep_both_ends(name: str) -> None:
    """A shortened name is short, and starts and ends as the name does."""
    shown = shortened_name(name)
    assert len(shown) <= 19
    if len(name) > 19:
        front, _, back = shown.partition("…") if "…" not in name else (shown[:10], "", shown[11:])
        assert name.startswith(front)
        assert name.endswith(back)


def test_the_suffix_of_a_blueprint_run_is_left_out() -> None:
    """All jobs and crawlers of a blueprint run end in the same random letters, which tell nothing in a graph."""
    assert common_suffix(["look_xw9x862l", "load_xw9x862l"]) == "_xw9x862l"
    assert common_suffix(["look_xw9x862l", "load_aaaaaaaa"]) == ""
    assert common_suffix(["look_xw9x862l", "load"]) == ""
    assert common_suffix(["look_xw9x862l"]) == ""
    assert common_suffix([]) == ""
