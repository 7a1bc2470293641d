"""What is true of every pair of layouts: an apply is complete, undone, or completed by the next one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from botocore.exceptions import ClientError
from harness.account_in_process import AccountInProcess, nothing
from hypothesis import given, settings
from random_layouts import applied, layouts, planned, snapshot

from glueprint.deploy.change.applying import ApplyFailed
from glueprint.deploy.definitions.layout import LaidOut

LAYOUTS = int(os.environ.get("GLUEPRINT_LAYOUTS", "1"))
"""How many times as many layouts are tried: `make lifecycle` sets it."""


class Killed(BaseException):
    """Ends an apply as SIGKILL would: nothing is cleaned up."""


@contextmanager
def new_account(other: bool = False) -> Iterator[AccountInProcess]:
    """Return one of two accounts, empty."""
    account = _account(other)
    account.reset()
    yield account
    account.on_change = nothing


_OPEN: dict[bool, AccountInProcess] = {}


def _account(other: bool) -> AccountInProcess:
    return _OPEN[other]


@pytest.fixture(autouse=True, scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Two accounts for all examples."""
    with (
        AccountInProcess(tmp_path_factory.mktemp("one") / "data", "scripts") as one,
        AccountInProcess(tmp_path_factory.mktemp("two") / "data", "scripts") as two,
    ):
        _OPEN.update({False: one, True: two})
        yield


def stop_at(account: AccountInProcess, number: int, *, kill: bool) -> None:
    """Let the changing request of this number fail: before it is carried out, or, if killed, before or after."""
    seen = 0

    def on_change(service: str, operation: str, is_done: bool) -> None:
        nonlocal seen
        if kill:
            seen += 1
            if seen == number:
                raise Killed
        elif not is_done:
            seen += 1
            if seen == number:
                details = {"Error": {"Code": "AccessDeniedException", "Message": "no"}}
                raise ClientError(details, operation)

    account.on_change = on_change


def run_on(account: AccountInProcess) -> None:
    """Let all requests through again."""
    account.on_change = nothing


def fresh(layout: LaidOut) -> dict[str, object]:
    """Return what is there after a layout was applied to an empty account."""
    with new_account(other=True) as account:
        applied(account, layout)
        return snapshot(account, layout)


@settings(max_examples=15 * LAYOUTS)
@given(first=layouts(), second=layouts())
def test_second_apply_equals_a_fresh_one(first: LaidOut, second: LaidOut) -> None:
    """Applying B after A leaves the same as B alone; the plan after an apply is empty."""
    with new_account() as account:
        applied(account, first)
        assert planned(account, first).is_empty
        applied(account, second)
        assert snapshot(account, second) == fresh(second)
        assert planned(account, second).is_empty
        assert planned(account, second).records == ""


@settings(max_examples=2 * LAYOUTS)
@given(first=layouts(), second=layouts())
def test_failed_apply_is_undone(first: LaidOut, second: LaidOut) -> None:
    """Whichever request fails, A is there again: definitions, tags, activity of triggers, contents of scripts."""
    with new_account() as account:
        applied(account, first)
        before, undone = snapshot(account, first), [True]
        for number in range(1, 1000):
            stop_at(account, number, kill=False)
            try:
                applied(account, second, take_over=True)
            except ClientError:
                pass  # before anything was changed
            except ApplyFailed as failure:
                undone.append(failure.is_undone)
            else:
                break
            finally:
                run_on(account)
            assert undone[-1]
            assert snapshot(account, first) == before, f"request {number}"
        assert snapshot(account, second) == fresh(second)


@settings(max_examples=2 * LAYOUTS)
@given(first=layouts(), second=layouts())
def test_killed_apply_is_completed(first: LaidOut, second: LaidOut) -> None:
    """Wherever an apply is killed, the same apply makes B of it."""
    wanted = fresh(second)
    with new_account() as account:
        for number in range(1, 1000):
            applied(account, first, take_over=True)
            stop_at(account, number, kill=True)
            try:
                applied(account, second, take_over=True)
            except Killed:
                run_on(account)
                applied(account, second, take_over=True)
                assert snapshot(account, second) == wanted, f"killed at {number}"
                assert planned(account, second).is_empty
                assert planned(account, second).records == ""
            else:
                run_on(account)
                break


@settings(max_examples=2 * LAYOUTS)
@given(first=layouts(), second=layouts(), third=layouts())
def test_killed_apply_can_be_replaced_by_another(first: LaidOut, second: LaidOut, third: LaidOut) -> None:
    """After an apply of B was killed, an apply of C, also killed once, makes C; nothing of B remains."""
    wanted = fresh(third)
    with new_account() as account:
        for number in range(2, 1000, 3):
            applied(account, first, take_over=True)
            try:
                for layout in (second, third):
                    stop_at(account, number, kill=True)
                    with pytest.raises(Killed):
                        applied(account, layout, take_over=True)
            except pytest.fail.Exception:
                break
            finally:
                run_on(account)
            applied(account, third, take_over=True)
            assert snapshot(account, third) == wanted, f"killed at {number}"
