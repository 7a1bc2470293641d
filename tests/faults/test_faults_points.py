"""The fault points themselves: all in use, off unless requested, and passed as often as requested."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import glueprint.local
from glueprint.local.faults import VARIABLE, Fault, FaultPoint, Trap, fault_hook

ROOM = Path(glueprint.local.__file__).parent


def _passed_in_code() -> Iterator[str]:
    """The names of the points at which ``reached`` is called, anywhere in the local Glue."""
    for file in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "reached":
                point = node.args[0]
                assert isinstance(point, ast.Attribute), f"{file}:{node.lineno}: a point is named in the code"
                yield point.attr


def test_every_point_is_passed_somewhere_in_the_code() -> None:
    """The list of fault points is the list of those in the code (one at each transition)."""
    passed = Counter(_passed_in_code())
    assert set(passed) == {point.name for point in FaultPoint}


def test_nothing_happens_unless_it_is_requested() -> None:
    """Without the environment variable passing a point does nothing at all."""
    reached = fault_hook({})
    for point in FaultPoint:
        reached(point)
        reached(point, "detail")


def test_an_order_counts_the_passings_of_its_own_point_and_detail() -> None:
    """``POINT/DETAIL:NTH`` ends the process at the NTH passing with that detail, and at no other."""
    ends: list[str] = []
    trap = Trap(Fault.parse("action-done/stop-job:2"), lambda: ends.append("end"))
    trap(FaultPoint.ACTION_DONE, "stop-job")
    trap(FaultPoint.ACTION_DONE, "launch-job")
    trap(FaultPoint.ACTION_TAKEN, "stop-job")
    assert ends == []
    trap(FaultPoint.ACTION_DONE, "stop-job")
    assert ends == ["end"]
    trap(FaultPoint.ACTION_DONE, "stop-job")
    assert ends == ["end"]


@pytest.mark.parametrize("text", ["no-such-point", "action-done:x"])
def test_an_order_that_makes_no_sense_is_refused(text: str) -> None:
    """A test that misspells a point must fail instead of killing nothing."""
    with pytest.raises(ValueError):
        fault_hook({VARIABLE: text})
