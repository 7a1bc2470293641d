"""Waiting for Glue: what is shown, and what Ctrl-C says."""

from __future__ import annotations

import pytest

from glueprint.cli.waiting import wait_until


def test_it_looks_until_it_is_over_and_tells_pipes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Progress is for terminals; a script reads what came of it."""
    states = iter(("STARTING", "RUNNING", "SUCCEEDED"))
    found = wait_until(
        lambda: {"State": next(states)}, lambda run: run["State"] == "SUCCEEDED", poll_seconds=0, told="it runs"
    )
    assert (found, list(states)) == ({"State": "SUCCEEDED"}, [])
    assert capsys.readouterr() == ("", "")


def test_ctrl_c_says_that_it_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    """`create` was left, and its workflow came to be all the same: whoever pressed Ctrl-C must know."""
    looks = iter(({"State": "RUNNING"},))

    def look() -> dict[str, str]:
        for found in looks:
            return found
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        wait_until(look, lambda run: False, poll_seconds=0, told="blueprint tally creates its workflow")
    assert capsys.readouterr().err == "this goes on while its Glue does: blueprint tally creates its workflow\n"
