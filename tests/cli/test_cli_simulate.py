"""`glueprint simulate`: what would run, without running it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import Result
from harness.scripted_glue import Stage
from harness.shapes import graph, trigger

from glueprint.client.simulated_rounds import simulated_rounds
from glueprint.facts.predicate import Condition, Logical, Node
from glueprint.facts.states import NodeKind, TriggerType
from glueprint.facts.states import TriggerState as State
from glueprint.workflow.model import Action, Graph, Trigger
from glueprint.workflow.simulate import simulate

Glueprint = Callable[..., Result]


def test_without_options_everything_succeeds(stage: Stage, glueprint: Glueprint) -> None:
    """What would run, by rounds, and nothing is started."""
    result = glueprint("simulate", "nightly")
    assert result.exit_code == 0
    assert [line.rstrip() for line in result.stdout.splitlines()] == [
        "nightly  simulated  COMPLETED  3 of 3 nodes would run",
        "",
        "ROUND  NODE   KIND     ENDS       STARTED BY",
        "1      look   job      SUCCEEDED  start, on demand",
        "2      crawl  crawler  SUCCEEDED  seen, when look SUCCEEDED",
        "3      load   job      SUCCEEDED  crawled, when crawl SUCCEEDED",
    ]
    assert {name for name, _ in stage.glue.requests} == {"GetWorkflow"}


@pytest.mark.parametrize(
    ("options", "ends", "silent"),
    [
        (("--fail", "look"), ["look FAILED"], ["crawl", "load"]),
        (("--timeout", "look"), ["look TIMEOUT"], ["crawl", "load"]),
        (("--fail", "crawl"), ["look SUCCEEDED", "crawl FAILED"], ["load"]),
        (("--stop", "crawl"), ["look SUCCEEDED", "crawl CANCELLED"], ["load"]),
        (
            ("--stop", "job/load", "--fail", "crawler/crawl"),
            ["look SUCCEEDED", "crawl FAILED"],
            ["load"],
        ),
        (("--stop", "load"), ["look SUCCEEDED", "crawl SUCCEEDED", "load STOPPED"], []),
    ],
)
def test_given_ends_take_their_way(
    stage: Stage, glueprint: Glueprint, options: tuple[str, ...], ends: list[str], silent: list[str]
) -> None:
    """--fail, --timeout, --stop on jobs and crawlers; a crawler that is stopped is CANCELLED (service model)."""
    result = glueprint("simulate", "nightly", *options, "--json")
    found = json.loads(result.stdout)
    assert result.exit_code == 0
    assert [f"{one['name']} {one['state']}" for one in found["runs"]] == ends
    assert [one["round"] for one in found["runs"]] == [1, 2, 3][: len(ends)]
    assert [one["name"] for one in found["silences"] if one["kind"] != "TRIGGER"] == silent


def test_what_would_not_run_is_explained(stage: Stage, glueprint: Glueprint) -> None:
    """The same words as `explain`, under a heading that says that nothing has happened."""
    result = glueprint("simulate", "nightly", "--fail", "crawl")
    assert result.stdout.splitlines()[-4:] == [
        "WOULD NOT RUN",
        "  job `load`",
        "    `load` is started by trigger `crawled`, which did not fire.",
        "      root cause: Trigger `crawled` waits for `crawl` SUCCEEDED; `crawl` ended FAILED.",
    ]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            ("--fail", "lod", "--stop", "crwal"),
            "has no 'lod'; did you mean load?\nthe workflow has no 'crwal'; did you mean crawl?",
        ),
        (("--fail", "seen"), "'seen' is a trigger; name a job or a crawler"),
        (("--timeout", "crawl"), "crawler 'crawl' cannot end TIMEOUT"),
        (("--fail", "load", "--stop", "load"), "job 'load' cannot end both FAILED and STOPPED"),
    ],
)
def test_wrong_names_are_one_error_that_helps(
    stage: Stage, glueprint: Glueprint, options: tuple[str, ...], expected: str
) -> None:
    """Unknown names are one clear error listing the near names; all mistakes at once."""
    result = glueprint("simulate", "nightly", *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert expected in result.stderr


def test_a_job_and_a_crawler_of_one_name_are_distinguished(stage: Stage, glueprint: Glueprint) -> None:
    """A job and a crawler may share a name; the command does not guess which one is meant."""
    start = trigger("start", ["same"])
    start["Actions"].append({"CrawlerName": "same"})
    stage.glue.workflows["nightly"]["Graph"] = graph([])
    stage.glue.workflows["nightly"]["Graph"]["Nodes"] = [
        {"Type": "TRIGGER", "Name": "start", "UniqueId": "t", "TriggerDetails": {"Trigger": start}}
    ]
    refused = glueprint("simulate", "nightly", "--fail", "same")
    assert (refused.exit_code, "write job/same or crawler/same" in refused.stderr) == (2, True)
    found = json.loads(glueprint("simulate", "nightly", "--fail", "crawler/same", "--json").stdout)
    assert {(one["kind"], one["state"]) for one in found["runs"]} == {("JOB", "SUCCEEDED"), ("CRAWLER", "FAILED")}


def test_an_unknown_workflow_ends_with_1(stage: Stage, glueprint: Glueprint) -> None:
    """As in all commands; findings, which have that code as well, are on stdout."""
    result = glueprint("simulate", "nowhere")
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)


def test_the_analysis_tells_what_can_never_be(stage: Stage, glueprint: Glueprint) -> None:
    """Findings with the shortest counterexample, and an exit code for scripts."""
    clean = glueprint("simulate", "nightly", "--analyse")
    assert (clean.exit_code, "ANALYSIS  nothing found" in clean.stdout) == (0, True)
    stage.glue.workflows["nightly"]["Graph"] = graph(
        [trigger("start", ["look"]), trigger("never", ["load"], ("look", "SUCCEEDED"), ("look", "FAILED"))]
    )
    result = glueprint("simulate", "nightly", "--analyse")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    at = lines.index("ANALYSIS  3 findings")
    assert lines[at + 1].startswith("  CONTRADICTION: Trigger `never` needs `look` SUCCEEDED and FAILED")
    assert lines[at + 2 : at + 4] == [
        "      `never` needs `look` SUCCEEDED",
        "      `never` needs `look` FAILED",
    ]
    found = json.loads(glueprint("simulate", "nightly", "--analyse", "--json").stdout)
    assert [one["problem"] for one in found["findings"]] == ["CONTRADICTION", "NEVER_FIRES", "NEVER_RUNS"]


def test_a_round_is_one_more_than_the_latest_that_was_waited_for() -> None:
    """`last` waits for both: it comes after the longer of the two ways."""
    short, long, longer, last = (Node(NodeKind.JOB, name) for name in ("short", "long", "longer", "last"))

    def on(name: str, do: Node, *awaited: Node) -> Trigger:
        conditions = tuple(Condition(node, "SUCCEEDED") for node in awaited)
        action = (Action(do),)
        return Trigger(
            name,
            TriggerType.CONDITIONAL,
            action,
            State.ACTIVATED,
            logical=Logical.AND,
            conditions=conditions,
        )

    start = Trigger("start", TriggerType.ON_DEMAND, (Action(short), Action(long)))
    graph_ = Graph((start, on("more", longer, long), on("join", last, short, longer)))
    assert [(turn.round, turn.name) for turn in simulated_rounds(simulate(graph_))] == [
        (1, "short"),
        (1, "long"),
        (2, "longer"),
        (3, "last"),
    ]
