"""Waiting: requests until the state is final."""

from __future__ import annotations

import pytest

from glueprint.client.waiting import TimedOut, wait_until


def test_it_requests_until_the_state_is_final_and_reports_the_others() -> None:
    """The final state is the answer; progress receives the states before it."""
    states, seen = iter(("STARTING", "RUNNING", "SUCCEEDED", "never requested")), []
    final = wait_until(lambda: next(states), lambda s: s == "SUCCEEDED", poll_seconds=0, progress=seen.append)
    assert (final, seen, next(states)) == ("SUCCEEDED", ["STARTING", "RUNNING"], "never requested")


def test_a_limit_ends_it_after_at_least_one_request() -> None:
    """Without a limit it waits as long as it takes."""
    requests: list[None] = []
    with pytest.raises(TimedOut, match="0 seconds"):
        wait_until(lambda: requests.append(None), lambda _: False, poll_seconds=0, timeout_seconds=0)
    assert len(requests) == 1
