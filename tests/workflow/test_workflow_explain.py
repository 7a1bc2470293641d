"""Explanations of runs in which something did not run."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workflow_scenarios import CRAWL, FLOW, LOAD, LOOK, OK, REPORT, SCENARIOS, Scenario, workflow_run
from workflow_shapes import chain, graph, graphs, job, on, start

from glueprint.compat import UTC
from glueprint.workflow.explain import error_line, explain
from glueprint.workflow.explanation import Subject
from glueprint.workflow.root_causes import silences_json
from glueprint.workflow.simulate import simulate


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.title)
def test_the_root_cause_is_found(scenario: Scenario) -> None:
    """The first root cause has the run id, state and error line, in words (25 scenarios)."""
    roots = explain(scenario.run).root_causes(Subject.of(scenario.node))
    assert len(roots) == scenario.roots
    data = roots[0].to_json()
    assert {name: data.get(name) for name in scenario.root} == scenario.root
    assert scenario.words in roots[0].text


def test_there_are_at_least_25_scenarios() -> None:
    """At least 25, each with a title of its own."""
    assert len({scenario.title for scenario in SCENARIOS}) >= 25


def test_the_chain_in_words() -> None:
    """From the silent node down to the failure, one line a step, indented."""
    explanation = explain(SCENARIOS[2].run)
    lines = ["  " * step.depth + step.reason.text for step in explanation.chain(Subject.of(REPORT))]
    assert lines == [
        "`report` is started by trigger `to_report`, which did not fire.",
        "  Trigger `to_report` waits for `load` SUCCEEDED; `load` did not run.",
        "    `load` is started by trigger `to_load`, which did not fire.",
        "      Trigger `to_load` waits for `crawl` SUCCEEDED; `crawl` did not run.",
        "        `crawl` is started by trigger `to_crawl`, which did not fire.",
        "          Trigger `to_crawl` waits for `look` SUCCEEDED; `look` ended FAILED (run jr_look_0): boom",
    ]
    assert [reason.text for reason in explanation.failures] == ["`look` ended FAILED (run jr_look_0): boom"]


def test_what_ran_needs_no_explanation() -> None:
    """A run in which everything ran has no silences; asking for a node that ran is a mistake."""
    explanation = explain(workflow_run(FLOW, dict.fromkeys((LOOK, CRAWL, LOAD, REPORT), OK)))
    assert explanation.silences == {}
    assert explanation.failures == ()
    with pytest.raises(KeyError):
        explanation.chain(Subject.of(LOOK))


def test_a_trigger_that_only_starts_crawlers_is_known_to_have_fired() -> None:
    """Crawls do not name their trigger; it fired if they all ran and it had every reason to."""
    explanation = explain(workflow_run(FLOW, {LOOK: OK, CRAWL: {"state": "FAILED"}}))
    assert Subject("TRIGGER", "to_crawl") not in explanation.silences
    assert Subject("TRIGGER", "to_load") in explanation.silences


def test_times_as_botocore_gives_them() -> None:
    """StartedOn may be a datetime (botocore) or a number (the wire): the newest run counts in both."""
    run = workflow_run(FLOW, {LOOK: [{"state": "FAILED", "at": 2.0}, {**OK, "at": 1.0}]})
    look = next(node for node in run["Graph"]["Nodes"] if node["Name"] == "look")
    for one in look["JobDetails"]["JobRuns"]:
        one["StartedOn"] = datetime.fromtimestamp(one["StartedOn"], UTC)
    assert [reason.state for reason in explain(run).failures] == ["FAILED"]


def test_a_run_without_graph_is_refused() -> None:
    """The graph is only there with IncludeGraph=true; the error names it (service model)."""
    with pytest.raises(ValueError, match="IncludeGraph"):
        explain({"Status": "COMPLETED"})


@pytest.mark.parametrize(
    ("message", "line"),
    [(None, None), ("  \n", None), ("a\nb", "a"), ("Traceback (most recent call last):\n x\nE: y\n", "E: y")],
)
def test_the_line_that_says_most(message: str | None, line: str | None) -> None:
    """A traceback's last line, otherwise the first one that is not empty."""
    assert error_line(message) == line


def test_a_cycle_of_a_thousand_is_explained_in_one_line() -> None:
    """One root cause for all of them, that names a few (words that an analyst can read)."""
    ring = [on(f"t{n}", (job(f"j{n}"), "SUCCEEDED"), do=(job(f"j{(n + 1) % 998}"),)) for n in range(998)]
    explanation = explain(simulate(graph(start(LOOK), *ring)).to_wire())
    found = {tuple(explanation.root_causes(Subject("JOB", f"j{n}"))) for n in (0, 1, 500)}
    [[root]] = found
    assert "`j994` and 993 more wait for each other" in root.text


def test_a_thousand_nodes_deep() -> None:
    """A chain of 1,000 jobs whose first fails is explained down to it, without recursion."""
    explanation = explain(simulate(chain(1000), {job("j0"): "FAILED"}).to_wire())
    roots = explanation.root_causes(Subject("JOB", "j999"))
    assert [(root.about.name, root.state) for root in roots] == [("j0", "FAILED")]


@given(graphs(), st.data())
def test_every_silence_of_any_run_has_a_root_cause(workflow: Any, data: st.DataObject) -> None:
    """Whatever the workflow and outcomes: what did not run is silent, each silence has a root, JSON is plain."""
    states = {"JOB": ["SUCCEEDED", "FAILED", "ERROR"], "CRAWLER": ["SUCCEEDED", "CANCELLED"]}
    outcomes = {node: data.draw(st.sampled_from(states[node.kind])) for node in workflow.nodes}
    simulation = simulate(workflow, outcomes)
    explanation = explain(simulation.to_wire())
    silent = {Subject.of(node) for node in simulation.not_run}
    assert {subject for subject in explanation.silences if subject.kind != "TRIGGER"} == silent
    for subject, reasons in explanation.silences.items():
        assert reasons
        assert explanation.root_causes(subject)
    assert [one["name"] for one in json.loads(json.dumps(silences_json(explanation, explanation.silences)))] == [
        subject.name for subject in explanation.silences
    ]
