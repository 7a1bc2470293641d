"""Waiting with a line on the terminal, and what Ctrl-C prints."""

from __future__ import annotations

import pytest

from glueprint.cli.progress import wait_with_status


def test_pipes_receive_no_progress(capsys: pytest.CaptureFixture[str]) -> None:
    """Progress is for terminals; a script reads what came of it."""
    states = iter(("STARTING", "RUNNING", "SUCCEEDED"))
    found = wait_with_status(
        lambda: {"State": next(states)}, lambda run: run["State"] == "SUCCEEDED", poll_seconds=0, status="it runs"
    )
    assert (found, list(states)) == ({"State": "SUCCEEDED"}, [])
    assert capsys.readouterr() == ("", "")


def test_ctrl_c_prints_that_the_work_continues(capsys: pytest.CaptureFixture[str]) -> None:
    """`create` was left, and its workflow came to be all the same: whoever pressed Ctrl-C must know."""
    looks = iter(({"State": "RUNNING"},))

    def look() -> dict[str, str]:
        for found in looks:
            return found
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        wait_with_status(look, lambda run: False, poll_seconds=0, status="blueprint tally creates its workflow")
    assert capsys.readouterr().err == "this goes on: blueprint tally creates its workflow\n"
