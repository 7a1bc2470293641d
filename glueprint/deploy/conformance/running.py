"""Runs probes one after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from glueprint.client.errors import GlueprintError, from_botocore
from glueprint.deploy.conformance.answers import comparable
from glueprint.deploy.conformance.lab import Lab
from glueprint.deploy.conformance.probe import Probe


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one probe.

    Attributes:
        probe: the probe.
        answer: what was observed, without ids and names of the run; None if there is no answer.
        problem: why there is none; empty if there is one.
        seconds: how long it took.
    """

    probe: Probe
    answer: Any
    problem: str
    seconds: float

    @property
    def outcome(self) -> str:
        """``same`` as Glueprint, ``different``, or ``no answer``."""
        if self.problem:
            return "no answer"
        return "same" if self.answer == self.probe.glueprint else "different"


def run_probes(
    lab: Lab, probes: Sequence[Probe], notify: Callable[[int, Probe], None], done: Callable[[Result], None]
) -> list[Result]:
    """Run probes, and return their results. A probe that fails has no answer; the others go on.

    Args:
        lab: opened.
        probes: in their order.
        notify: called before each.
        done: called after each, so that a result is kept if the next one is interrupted.
    """
    results = []
    for number, probe in enumerate(probes, 1):
        notify(number, probe)
        result = run_probe(lab, probe)
        results.append(result)
        done(result)
    return results


def run_probe(lab: Lab, probe: Probe) -> Result:
    """Run one probe."""
    started = time.monotonic()
    lab.begin(probe.name)
    answer, problem = None, ""
    try:
        answer = comparable(probe.observe(lab), lab.replaced())
    except GlueprintError as error:
        problem = str(error)
    except Exception as error:  # noqa: BLE001 - what AWS answers unexpectedly is a result, too
        known = from_botocore(error)
        problem = str(known) if known is not None else f"{type(error).__name__}: {error}"
    return Result(probe, answer, comparable(problem, lab.replaced()), time.monotonic() - started)
