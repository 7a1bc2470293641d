"""Simulation: the run machine with given outcomes."""

from __future__ import annotations

import pytest
from workflow_shapes import chain, crawler, graph, job, on, start

from glueprint.facts.predicate import Logical
from glueprint.workflow.simulate import SimulationError, simulate

LOOK, CRAWL, LOAD, REPAIR = job("look"), crawler("crawl"), job("load"), job("repair")
FLOW = graph(
    start(LOOK),
    on("t_crawl", (LOOK, "SUCCEEDED"), do=(CRAWL,)),
    on("t_load", (CRAWL, "SUCCEEDED"), do=(LOAD,)),
    on("t_repair", (CRAWL, "FAILED"), (LOAD, "TIMEOUT"), do=(REPAIR,), logical=Logical.ANY),
)


def test_without_outcomes_everything_succeeds() -> None:
    """Every node ends SUCCEEDED unless given otherwise; failure handlers stay silent."""
    simulation = simulate(FLOW)
    assert [one.node for one in simulation.order] == [LOOK, CRAWL, LOAD]
    assert simulation.not_run == (REPAIR,)
    assert "t_repair" not in simulation.run.fired


@pytest.mark.parametrize(
    ("outcomes", "ran"),
    [
        ({LOOK: "FAILED"}, [LOOK]),
        ({CRAWL: "FAILED"}, [LOOK, CRAWL, REPAIR]),
        ({CRAWL: "CANCELLED"}, [LOOK, CRAWL]),
        ({LOAD: "TIMEOUT"}, [LOOK, CRAWL, LOAD, REPAIR]),
    ],
)
def test_given_outcomes_take_their_way(outcomes: dict[object, str], ran: list[object]) -> None:
    """What runs follows from the outcomes by the rules of the run machine, which is the one that runs."""
    simulation = simulate(FLOW, outcomes)  # type: ignore[arg-type]
    assert [one.node for one in simulation.order] == ran
    assert simulation.run.status == "COMPLETED"


def test_wrong_outcomes_are_all_named() -> None:
    """Unknown nodes and states that do not end anything are refused together, each in words."""
    with pytest.raises(SimulationError) as caught:
        simulate(FLOW, {job("stranger"): "FAILED", LOOK: "RUNNING", CRAWL: "TIMEOUT"})
    assert caught.value.problems == (
        "job 'stranger' is not part of the workflow",
        "job 'look' cannot end RUNNING",
        "crawler 'crawl' cannot end TIMEOUT",
    )


def test_a_thousand_nodes() -> None:
    """A workflow of 1,000 nodes is simulated like any other."""
    simulation = simulate(chain(1000), {job("j997"): "FAILED"})
    assert simulation.not_run == (job("j998"), job("j999"))
