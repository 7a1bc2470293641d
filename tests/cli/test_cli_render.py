"""Rendering: pure functions from data to text."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from harness.shapes import START, TRIGGERS, graph, run_frame, trigger
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console, RenderableType
from rich.text import Text

from glueprint.cli.render.graph import mermaid, tree
from glueprint.cli.render.run import changes, report, verdict
from glueprint.cli.render.tables import plain_table
from glueprint.cli.render.words import count, duration
from glueprint.cli.watch import watch_run
from glueprint.client.node_order import in_run_order
from glueprint.client.runs import RunView
from glueprint.facts.predicate import Condition, Logical, Node
from glueprint.facts.states import NodeKind, TriggerType
from glueprint.workflow.model import Action, Graph, Trigger
from glueprint.workflow.wire import graph_from_wire


def text(renderable: RenderableType, *, terminal: bool = False) -> str:
    """As a console would print it."""
    screen = Console(file=io.StringIO(), width=120, force_terminal=terminal, markup=False, highlight=False)
    screen.print(renderable)
    assert isinstance(screen.file, io.StringIO)
    return "\n".join(line.rstrip() for line in screen.file.getvalue().splitlines())


def view(status: str = "COMPLETED", **states: object) -> RunView:
    """A run of ``nightly`` as boto3 gives it: with datetimes."""
    frame = run_frame(status, states)
    times = {"StartedOn": START, "CompletedOn": START + timedelta(seconds=2)}
    for node in frame["Graph"]["Nodes"]:
        for one in node.get("JobDetails", {}).get("JobRuns", []) + node.get("CrawlerDetails", {}).get(
            "Crawls", []
        ):
            one |= times
    return RunView.from_wire(frame | {"StartedOn": START, "CompletedOn": START + timedelta(seconds=5)})


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (None, ""),
        (0, "0.0 s"),
        (12.34, "12.3 s"),
        (59.96, "1 min 00 s"),
        (245, "4 min 05 s"),
        (7380, "2 h 03 min"),
    ],
)
def test_durations_read_like_words(seconds: float | None, shown: str) -> None:
    """Figures carry their unit."""
    assert duration(seconds) == shown


def test_nouns_are_counted() -> None:
    """English plurals."""
    assert (count(1, "job"), count(2, "job"), count(0, "property")) == ("1 job", "2 jobs", "0 properties")


def test_a_report_shows_nodes_in_their_order_with_states_and_reasons() -> None:
    """A node table with states and durations."""
    run = view(look="SUCCEEDED", crawl=("FAILED", "AccessDenied: s3\nmore"))
    lines = text(report(run, datetime.now(UTC))).splitlines()
    assert lines[0].split() == ["nightly", "wr_1", "COMPLETED,", "1", "failed", "5.0", "s"]
    assert lines[2].split() == ["NODE", "KIND", "STATE", "DURATION", "DETAIL"]
    assert lines[3].split() == ["look", "job", "SUCCEEDED", "2.0", "s"]
    assert lines[4].split() == ["crawl", "crawler", "FAILED", "2.0", "s", "AccessDenied:", "s3"]
    assert lines[5].split() == ["load", "job", "-"]


@pytest.mark.parametrize("width", [20, 60, 80, 119, 120, 200])
def test_a_narrow_terminal_cuts_no_name(width: int) -> None:
    """An id that ends in "..." cannot be copied, and a state that is left out cannot be read."""
    run_id, verdict_text = "wr_" + 64 * "a", "0 actions succeeded, 1 stopped, 3 not started"
    table = plain_table(("RUN", "STATUS", "ACTIONS"), [(run_id, Text("STOPPED"), verdict_text)])
    screen = Console(file=io.StringIO(), width=width, force_terminal=False)
    with screen.capture() as captured:
        screen.print(table, crop=False)
    head, row, *more = [line.rstrip() for line in captured.get().splitlines()]
    assert head.split() == ["RUN", "STATUS", "ACTIONS"]
    assert row.startswith(f"{run_id}  STOPPED  0 actions")
    assert " ".join([row, *map(str.strip, more)]).endswith(verdict_text)
    assert not more or len(row) <= width, "folded only where it fits"


def test_colours_are_only_for_terminals() -> None:
    """Colours only on a terminal."""
    run = view(look="SUCCEEDED")
    assert "\x1b[" not in text(report(run, datetime.now(UTC)))
    assert "\x1b[32mSUCCEEDED" in text(report(run, datetime.now(UTC)), terminal=True)


def test_changes_tell_each_state_once() -> None:
    """Line by line where there is no terminal."""
    first, second = view("RUNNING", look="RUNNING"), view("COMPLETED", look=("FAILED", "boom\nx"))
    assert changes(None, first) == ["job look RUNNING"]
    assert changes(first, first) == []
    assert changes(first, second) == ["job look FAILED: boom"]


def test_a_new_attempt_is_shown_with_the_error_of_the_previous_one() -> None:
    """Whoever watches retries sees the reason at the second, not after the last (JobRun.Attempt)."""
    frame = run_frame("RUNNING", {"look": ("FAILED", "boom\nx")})
    (node,) = [one for one in frame["Graph"]["Nodes"] if one["Name"] == "look"]
    (failed,) = node["JobDetails"]["JobRuns"]
    failed |= {"StartedOn": START, "CompletedOn": START}
    first = RunView.from_wire(frame)
    for state in ("STARTING", "RUNNING"):
        node["JobDetails"]["JobRuns"] = [
            failed,
            failed | {"Id": "jr_2", "Attempt": 1, "JobRunState": state, "ErrorMessage": None},
        ]
        following = RunView.from_wire(frame)
        expected = ", previous attempt: boom" if state == "STARTING" else ""
        assert changes(first, following) == [f"job look {state} (attempt 2){expected}"]
        first = following


def test_a_verdict_counts_what_never_ran() -> None:
    """Skipped nodes are the first question after a failure."""
    assert verdict(view(look=("FAILED", "x"))) == "0 actions succeeded, 1 failed, 2 not started"


def test_the_tree_names_all_conditions_and_what_no_run_reaches() -> None:
    """A trigger that waits for several nodes is drawn once; unreachable ones are listed."""
    triggers = [
        trigger("start", ["a", "b"]),
        trigger("both", ["c"], ("a", "SUCCEEDED"), ("b", "FAILED")),
        trigger("lost", ["d"], ("unknown", "SUCCEEDED")),
    ]
    assert text(tree("wf", graph_from_wire(graph(triggers)), {})).splitlines() == [
        "wf",
        "├── on demand  start",
        "│   ├── job a",
        "│   │   └── when all of: a SUCCEEDED, b FAILED  both",
        "│   │       └── job c",
        "│   └── job b",
        "└── never reached from the start",
        "    └── when unknown SUCCEEDED  lost",
        "        └── job d",
    ]


@pytest.mark.parametrize(
    ("more", "shown"),
    [
        ({"Type": "SCHEDULED", "Schedule": "cron(0 2 * * ? *)"}, "at cron(0 2 * * ? *) UTC"),
        ({"Type": "EVENT", "EventBatchingCondition": {"BatchSize": 5}}, "on 5 event(s)"),
    ],
)
def test_the_tree_shows_what_starts_a_workflow(more: dict[str, object], shown: str) -> None:
    """The starting trigger is on demand, scheduled or by events (docs/facts/workflows.md#composition)."""
    assert shown in text(tree("wf", graph_from_wire(graph([trigger("start", ["a"], **more)])), {}))


def test_mermaid_draws_conditions_as_arrows_and_colours_states() -> None:
    """Mermaid flowchart syntax: hexagons, boxes, drums, labelled arrows, styles."""
    drawn = graph_from_wire(graph(TRIGGERS))
    assert mermaid(drawn, {Node(NodeKind.JOB, "look"): "FAILED"}).splitlines() == [
        "flowchart TD",
        '    t0{{"start<br/>on demand"}}',
        '    t1{{"seen<br/>then"}}',
        '    t2{{"crawled<br/>then"}}',
        '    n0["look"]',
        '    n1[("crawl")]',
        '    n2["load"]',
        "    t0 --> n0",
        "    n0 -- SUCCEEDED --> t1",
        "    t1 --> n1",
        "    n1 -- SUCCEEDED --> t2",
        "    t2 --> n2",
        "    style n0 fill:#f8d7da,stroke:#b02a37",
    ]


NODES = st.builds(Node, st.sampled_from(NodeKind), st.sampled_from(['a"b', "<x>", "c#1", "d", "e", "f"]))


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Any graph, cycles and unreachable parts included."""
    found = []
    for number in range(draw(st.integers(0, 6))):
        conditions = draw(st.lists(st.builds(Condition, NODES, st.just("SUCCEEDED")), max_size=3))
        found.append(
            Trigger(
                f"t{number}",
                TriggerType.CONDITIONAL if conditions else TriggerType.ON_DEMAND,
                tuple(draw(st.lists(st.builds(Action, NODES), max_size=3))),
                logical=Logical.ANY,
                conditions=tuple(conditions),
            )
        )
    return Graph(tuple(found))


@given(graphs())
def test_any_graph_is_drawn_whole(drawn: Graph) -> None:
    """Every trigger stands in the tree once; every node is ordered once; quotes never break a Mermaid label."""
    shown = text(tree("wf", drawn, {})).splitlines()
    for one in drawn.triggers:
        assert sum(line.endswith(f"  {one.name}") for line in shown) == 1
    assert sorted(in_run_order(drawn)) == sorted(drawn.nodes)
    for line in mermaid(drawn, {}).splitlines():
        assert line.count('"') in (0, 2)


class OneRun:
    """A Glue client that shows one run, frame by frame."""

    def __init__(self, *frames: dict[str, object]) -> None:
        self.frames = list(frames)

    def get_workflow_run(self, **request: object) -> dict[str, object]:
        return {"Run": self.frames.pop(0) if len(self.frames) > 1 else self.frames[0]}


def test_a_terminal_gets_a_table_that_moves() -> None:
    """Live progress: the table is redrawn in place, and the ended run comes back."""
    screen = Console(file=io.StringIO(), width=100, force_terminal=True)
    times = {"StartedOn": START, "CompletedOn": START}
    bare = {"look": None}
    glue = OneRun(run_frame("RUNNING", bare) | times, run_frame("COMPLETED", bare) | times)
    ended = watch_run(glue, "nightly", "wr_1", poll_seconds=0.001, console=screen)
    assert ended.status == "COMPLETED"
    assert isinstance(screen.file, io.StringIO)
    assert "COMPLETED" in screen.file.getvalue()
