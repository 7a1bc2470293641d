"""`glueprint explain`: which run it explains, what it prints, its exit codes."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from click.testing import Result
from harness.scripted_glue import Stage
from harness.shapes import TRIGGERS, graph, run_frame, trigger
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from glueprint.cli.explain import Question, question_of
from glueprint.cli.render.explain import closeup, overview, root_cause, silences
from glueprint.client.explanations import ExplainedRun
from glueprint.client.runs import RunView
from glueprint.facts.predicate import Condition, Logical, Node
from glueprint.facts.states import NodeKind, TriggerType
from glueprint.facts.states import TriggerState as State
from glueprint.local.logs import prepare_log
from glueprint.workflow.explain import explain
from glueprint.workflow.explanation import Explanation, Subject
from glueprint.workflow.model import Action, Graph, Trigger
from glueprint.workflow.root_causes import behind, roots
from glueprint.workflow.simulate import simulate

Glueprint = Callable[..., Result]

FAILED = {"look": ("FAILED", "Traceback (most recent call last):\nKeyError: 'x'")}
"""`look` failed, so neither `crawl` nor `load` ran."""


@pytest.fixture
def failed(stage: Stage) -> Stage:
    """``nightly`` has run, and its first job failed."""
    stage.glue.runs["wr_1"] = [run_frame("COMPLETED", FAILED)]
    stage.glue.workflows["nightly"]["LastRun"] = {"WorkflowRunId": "wr_1"}
    return stage


@pytest.mark.parametrize(
    ("arguments", "question"),
    [
        (("wr_1",), Question(None, "wr_1", None)),
        (("wr_1", "load"), Question(None, "wr_1", "load")),
        (("nightly",), Question("nightly", None, None)),
        (("nightly", "load"), Question("nightly", None, "load")),
        (("nightly", "latest", "load"), Question("nightly", None, "load")),
        (("nightly", "wr_1"), Question("nightly", "wr_1", None)),
        (("nightly", "wr_1", "load"), Question("nightly", "wr_1", "load")),
    ],
)
def test_the_run_is_named_with_or_without_its_workflow(arguments: tuple[str, ...], question: Question) -> None:
    """`explain RUN [NODE]` and `explain WORKFLOW [RUN] [NODE]`; a run id begins with wr_."""
    assert question_of(arguments[0], arguments[1:]) == question


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("nightly", "load", "crawl"), "'load' is neither a run id"),
        (("wr_1", "load", "crawl"), "one NODE at a time, not load, crawl"),
    ],
)
def test_mistakes_in_the_arguments_end_with_2(
    failed: Stage, glueprint: Glueprint, arguments: tuple[str, ...], expected: str
) -> None:
    """Exit code 2 is usage, in all commands."""
    result = glueprint("explain", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert expected in result.stderr


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ("lod", "the workflow has no 'lod'; did you mean load?"),
        ("zzz", "it has: look, crawl, load, start, seen, crawled"),
    ],
)
def test_a_name_that_the_workflow_does_not_have(
    failed: Stage, glueprint: Glueprint, node: str, expected: str
) -> None:
    """Similar names are listed, or all."""
    result = glueprint("explain", "nightly", "wr_1", node)
    assert (result.exit_code, result.stdout) == (1, "")
    assert expected in result.stderr


def test_what_glue_refuses_ends_with_1_and_without_an_answer(failed: Stage, glueprint: Glueprint) -> None:
    """The same kind of error has the same code in all commands; an answer with that code is on stdout."""
    for arguments in (("nowhere",), ("wr_9",), ("nightly", "wr_9")):
        result = glueprint("explain", *arguments)
        assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)


def test_the_whole_run_is_explained_down_to_the_root_cause(failed: Stage, glueprint: Glueprint) -> None:
    """For every node that did not run the chain of reasons, and the failed job's last lines with their source."""
    with prepare_log(failed.data.logs, "/aws-glue/jobs/error", "jr_look").open("w") as file:
        file.write("first\nsecond\nKeyError: 'x'\n")
    result = glueprint("explain", "nightly", "--lines", "2")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "nightly  wr_1  COMPLETED, 1 failed  2 of 3 nodes did not run",
        "",
        "DID NOT SUCCEED",
        "  job `look` ended FAILED (run jr_look): KeyError: 'x'",
        "    last lines of /aws-glue/jobs/error jr_look (CloudWatch Logs):",
        "    | second",
        "    | KeyError: 'x'",
        "",
        "DID NOT RUN",
        "  crawler `crawl`",
        "    `crawl` is started by trigger `seen`, which did not fire.",
        "      root cause: Trigger `seen` waits for `look` SUCCEEDED; `look` ended FAILED (run jr_look): "
        "KeyError: 'x'",
        "  job `load`",
        "    `load` is started by trigger `crawled`, which did not fire.",
        "      Trigger `crawled` waits for `crawl` SUCCEEDED; `crawl` did not run (see above).",
        "    root cause: job `look` ended FAILED (run jr_look): KeyError: 'x'",
    ]


@pytest.mark.parametrize("as_json", [False, True])
def test_a_workflow_that_never_ran_is_explained_by_its_starting_trigger(
    stage: Stage, glueprint: Glueprint, as_json: bool
) -> None:
    """A trigger that did not fire is explained, also the one that starts the workflow."""
    asleep = trigger("start", ["look"], Type="SCHEDULED", Schedule="cron(0 2 * * ? *)")
    stage.glue.workflows["nightly"]["Graph"] = graph([asleep])
    result = glueprint("explain", "nightly", *["--json"] * as_json)
    assert result.exit_code == 1
    state = "Starting trigger `start` is SCHEDULED and CREATED"
    text = f"{state}: only an ACTIVATED one fires; StartTrigger activates it."
    if as_json:
        [silence] = json.loads(result.stdout)["silences"]
        assert [cause["text"] for cause in silence["root_causes"]] == [text]
    else:
        assert result.stdout.splitlines() == ["workflow nightly has not run yet.", f"  root cause: {text}"]


def test_one_node_is_explained_with_its_whole_chain(failed: Stage, glueprint: Glueprint) -> None:
    """`explain RUN NODE`: from the node back to the job that failed."""
    result = glueprint("explain", "wr_1", "load", "--lines", "0")
    assert result.exit_code == 1
    assert [line.strip() for line in result.stdout.splitlines()] == [
        "job `load` did not run.",
        "`load` is started by trigger `crawled`, which did not fire.",
        "Trigger `crawled` waits for `crawl` SUCCEEDED; `crawl` did not run.",
        "`crawl` is started by trigger `seen`, which did not fire.",
        "root cause: Trigger `seen` waits for `look` SUCCEEDED; `look` ended FAILED (run jr_look): KeyError: 'x'",
    ]


def test_the_exit_code_is_that_of_the_node_in_question(failed: Stage, glueprint: Glueprint) -> None:
    """0: it ran, or fired; 1: it did not (scripts can trust it)."""
    codes = {
        name: glueprint("explain", "nightly", name).exit_code for name in ("look", "load", "start", "crawled")
    }
    assert codes == {"look": 0, "load": 1, "start": 0, "crawled": 1}
    assert "job `look` ran: FAILED (run jr_look): KeyError: 'x'" in glueprint("explain", "wr_1", "look").stdout
    assert glueprint("explain", "wr_1", "start").stdout == "trigger `start` fired.\n"


def test_a_run_in_which_everything_ran_ends_with_0(ran: Stage, glueprint: Glueprint) -> None:
    """Exit code 0 when everything ran."""
    result = glueprint("explain", "nightly")
    assert (result.exit_code, result.stdout) == (0, "nightly  wr_1  COMPLETED  all of 3 nodes ran\n")


def test_as_json_it_has_root_causes_and_log_lines(failed: Stage, glueprint: Glueprint) -> None:
    """Also as JSON; for one node that one first, then the silences behind it."""
    with prepare_log(failed.data.logs, "/aws-glue/jobs/error", "jr_look").open("w") as file:
        file.write("KeyError: 'x'\n")
    result = glueprint("explain", "nightly", "load", "--json")
    found = json.loads(result.stdout)
    assert (result.exit_code, found["run_id"], found["status"]) == (1, "wr_1", "COMPLETED")
    assert [one["name"] for one in found["silences"]] == ["load", "crawled", "crawl", "seen"]
    (cause,) = found["silences"][0]["root_causes"]
    assert (cause["run_id"], cause["state"], cause["error"]) == ("jr_look", "FAILED", "KeyError: 'x'")
    (failure,) = found["failures"]
    assert failure["log"] == {
        "source": "CloudWatch Logs",
        "group": "/aws-glue/jobs/error",
        "stream": "jr_look",
        "lines": ["KeyError: 'x'"],
    }


def test_a_log_that_cannot_be_read_is_reported_and_hides_nothing(failed: Stage, glueprint: Glueprint) -> None:
    """Log lines are best effort: the explanation stands without them."""
    failed.glue.runs["wr_1"] = [run_frame("COMPLETED", {"look": "FAILED"}, WorkflowRunId="wr_1")]
    job = next(n for n in failed.glue.runs["wr_1"][0]["Graph"]["Nodes"] if n["Name"] == "look")
    job["JobDetails"]["JobRuns"][0]["Id"] = "jr_without_log"
    result = glueprint("explain", "nightly")
    assert "no lines of /aws-glue/jobs/error jr_without_log (CloudWatch Logs): GetLogEvents:" in result.stdout
    assert "root cause: Trigger `seen` waits for `look` SUCCEEDED; `look` ended FAILED" in result.stdout


def test_a_name_with_two_meanings_is_explained_for_both_or_by_its_kind(stage: Stage, glueprint: Glueprint) -> None:
    """A job and a trigger may have one name; job/NAME picks."""
    triggers = [trigger("start", ["look"]), trigger("load", ["load"], ("look", "SUCCEEDED"))]
    frame = run_frame("COMPLETED", {}) | {"Graph": graph(triggers, {"look": "FAILED"})}
    stage.glue.runs["wr_1"] = [frame]
    both = glueprint("explain", "wr_1", "load", "--lines", "0").stdout
    assert "job `load` did not run." in both
    assert "trigger `load` did not fire." in both
    assert "trigger `load` did not fire." not in glueprint("explain", "wr_1", "job/load").stdout


def _text(run: dict[str, Any], *subjects: Subject, terminal: bool = False) -> str:
    explanation = explain(run)
    answer = ExplainedRun(RunView.from_wire(run), explanation, subjects or None)
    shown = closeup(answer) if subjects else overview(answer)
    screen = Console(file=io.StringIO(), force_terminal=terminal, markup=False, highlight=False)
    screen.print(shown, soft_wrap=True)
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue()


def test_colours_are_only_for_terminals() -> None:
    """Colours on terminals only."""
    run = {"Name": "nightly", "WorkflowRunId": "wr_1", "Status": "RUNNING", "Graph": graph(TRIGGERS)}
    assert "\x1b[" not in _text(run)
    assert "\x1b[1;31mroot cause: " in _text(run, terminal=True)


def test_a_long_line_stays_whole(failed: Stage, glueprint: Glueprint) -> None:
    """An error line can be searched for: nothing is folded into it."""
    message = " ".join(["word"] * 200)
    failed.glue.runs["wr_1"] = [run_frame("COMPLETED", {"look": ("FAILED", message)})]
    assert glueprint("explain", "nightly").stdout.count(f"{message}\n") == 3


def test_a_trigger_that_did_not_fire_is_shown_though_its_job_ran() -> None:
    """A job with two starters ran by one of them: the other trigger is a silence of its own."""
    triggers = [
        trigger("start", ["look"]),
        trigger("good", ["load"], ("look", "SUCCEEDED")),
        trigger("bad", ["load"], ("look", "FAILED")),
    ]
    shape = graph(triggers, {"look": "SUCCEEDED", "load": "SUCCEEDED"})
    for node in shape["Nodes"]:
        for one in node.get("JobDetails", {}).get("JobRuns", []):
            one["TriggerName"] = "start" if node["Name"] == "look" else "good"
            del one["StartedOn"], one["CompletedOn"]  # numbers, as only the wire has them
    run = {"Name": "nightly", "WorkflowRunId": "wr_1", "Status": "COMPLETED", "Graph": shape}
    text = _text(run)
    assert "all of 2 nodes ran" in text
    assert "DID NOT FIRE\n  trigger `bad`" in text


_NODES = (*(Node(NodeKind.JOB, name) for name in "abcd"), Node(NodeKind.CRAWLER, "x"))
_nodes = st.sampled_from(_NODES)


@st.composite
def _explanations(draw: st.DrawFn) -> tuple[Graph, Explanation]:
    """What a random workflow, cycles included, leaves silent with random failures."""
    triggers = [Trigger("start", TriggerType.ON_DEMAND, (Action(draw(_nodes)),))]
    for number in range(draw(st.integers(1, 6))):
        conditions = draw(st.lists(_nodes, min_size=1, max_size=3))
        triggers.append(
            Trigger(
                f"t{number}",
                TriggerType.CONDITIONAL,
                tuple(Action(node) for node in draw(st.lists(_nodes, min_size=1, max_size=2))),
                state=draw(st.sampled_from([State.ACTIVATED] * 4 + [State.DEACTIVATED])),
                logical=draw(st.sampled_from(Logical)),
                conditions=tuple(
                    Condition(node, draw(st.sampled_from(["SUCCEEDED", "FAILED"]))) for node in conditions
                ),
            )
        )
    found = Graph(tuple(triggers))
    failing = {node: "FAILED" for node in found.nodes if draw(st.booleans())}
    return found, explain(simulate(found, failing).to_wire())


@given(_explanations())
def test_root_causes_of_all_are_those_of_each(drawn: tuple[Graph, Explanation]) -> None:
    """One pass over all silences finds what Explanation.root_causes finds for each
    (docs/decisions/explanations.md)."""
    _, explanation = drawn
    causes = roots(explanation)
    assert {one: set(found) for one, found in causes.items()} == {
        one: set(explanation.root_causes(one)) for one in explanation.silences
    }


@given(_explanations())
def test_every_silence_is_shown_with_a_root_cause(drawn: tuple[Graph, Explanation]) -> None:
    """Nothing that stayed silent is left out, and each job or crawler has a root cause below it."""
    found, explanation = drawn
    lines = [line.plain for line in silences(found, explanation)]
    expected = [place for place, line in enumerate(lines) if line.startswith("  ") and line[2] != " "]
    headings = {lines[place].strip() for place in expected}
    for place, following in pairwise([*expected, len(lines)]):
        assert any("root cause: " in line for line in lines[place:following])
    assert headings >= {
        f"{one.kind.lower()} `{one.name}`" for one in explanation.silences if one.kind != "TRIGGER"
    }
    everything = "\n".join(lines)
    assert all(f"trigger `{one.name}`" in everything for one in explanation.silences if one.kind == "TRIGGER")


@given(_explanations())
def test_what_is_behind_a_silence_is_closed(drawn: tuple[Graph, Explanation]) -> None:
    """The JSON of one node holds every silence that its reasons refer to."""
    _, explanation = drawn
    for subject in explanation.silences:
        shown = behind(explanation, [subject])
        assert shown[0] == subject
        referred = {reason.refers_to for one in shown for reason in explanation.silences[one]} - {None}
        assert referred <= set(shown)


def test_a_thousand_nodes_take_a_few_lines_each() -> None:
    """1,000 nodes in a chain, the first failed: the report grows with the nodes, not squared."""
    jobs = [Node(NodeKind.JOB, f"j{number}") for number in range(1000)]
    triggers = [Trigger("start", TriggerType.ON_DEMAND, (Action(jobs[0]),))]
    triggers += [
        Trigger(
            f"t{number}",
            TriggerType.CONDITIONAL,
            (Action(jobs[number]),),
            state=State.ACTIVATED,
            conditions=(Condition(jobs[number - 1], "SUCCEEDED"),),
        )
        for number in range(1, 1000)
    ]
    found = Graph(tuple(triggers))
    explanation = explain(simulate(found, {jobs[0]: "FAILED"}).to_wire())
    lines = [line.plain for line in silences(found, explanation)]
    assert len(lines) < 4 * 1000 + 10
    assert lines[-1].endswith(root_cause(explanation.root_causes(Subject("JOB", "j999"))[0]))
