"""Versions, locks and stored plans: what people and machines find after an apply."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from harness.account_in_process import AccountInProcess
from random_layouts import ROLE, STATE, applied, laid_out, planned, snapshot
from small_layouts import SHELL, SUFFIX, crawler, job, store_of, summary

from glueprint.blueprint.aws_calls import AwsCall
from glueprint.cli.render.changes import plan_lines
from glueprint.client.errors import GlueprintError, InvalidArgument, NotFound
from glueprint.client.objects import Location
from glueprint.deploy.change.applying import (
    ApplyFailed,
    PlanOutdated,
    apply,
    state_of_plan,
    undo_interrupted,
)
from glueprint.deploy.change.history import plan_of_drift, plan_of_rollback, recorded_workflows
from glueprint.deploy.change.lock import Locked, LockLost, locked
from glueprint.deploy.change.plan import read_plan
from glueprint.deploy.change.planning import open_state
from glueprint.deploy.change.requests import Account
from glueprint.deploy.definitions.layout import LaidOut


@pytest.fixture
def session(tmp_path: Path) -> Iterator[AccountInProcess]:
    """An empty account with a bucket."""
    with AccountInProcess(tmp_path / "data", "scripts") as opened:
        yield opened


def test_second_plan_is_outdated(session: AccountInProcess) -> None:
    """Of two plans that were made at the same time, the second is refused: it was made for another account."""
    applied(session, laid_out([job()]))
    plans = [planned(session, laid_out([job(Timeout=number)])) for number in (5, 6)]
    apply(Account.of(session), plans[0])
    with pytest.raises(PlanOutdated, match="make a new plan"):
        apply(Account.of(session), plans[1])
    assert session.glue.get_job(JobName=f"load_{SUFFIX}")["Job"]["Timeout"] == 5


def test_plan_is_refused_after_a_change_by_hand(session: AccountInProcess) -> None:
    """A stored plan is refused if anyone changed what it is about."""
    applied(session, laid_out([job()]))
    plan = read_plan(json.dumps(planned(session, laid_out([job(Timeout=5)])).to_json()))
    session.glue.update_workflow(Name="w", Description="by hand")
    with pytest.raises(PlanOutdated):
        apply(Account.of(session), plan)


def test_lock_of_a_process_that_is_gone(session: AccountInProcess) -> None:
    """A killed holder's lock is taken over on its machine; from another machine only with take_over."""
    store = store_of(session)
    with locked(store, "apply"):
        held, _ = store.read("lock.json") or ({}, "")
    store.write("lock.json", {**held, "Pid": 2**22 + 1})
    with locked(store, "apply"):
        pass
    store.write("lock.json", {**held, "Machine": "elsewhere"})
    with pytest.raises(Locked, match="--take-over"), locked(store, "apply"):
        pass
    with locked(store, "apply", take_over=True):
        pass
    store.write("lock.json", {**held, "ProcessStarted": "1"})  # its number belongs to another process now
    with locked(store, "apply"):
        pass


def test_holder_without_its_lock_stops(session: AccountInProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """A holder whose lock was taken over stops before its next change, and undoes nothing: another one works."""
    applied(session, laid_out([job()]))
    monkeypatch.setattr("glueprint.deploy.change.lock.CHECK_SECONDS", 0.0)
    store = store_of(session)

    def take(service: str, operation: str, is_done: bool) -> None:
        if operation == "CreateJob" and is_done:
            found, _ = store.read("lock.json") or ({}, "")
            session.on_change = lambda *_: None
            store.write("lock.json", {**found, "Id": "another"})

    session.on_change = take
    with pytest.raises(LockLost, match="taken over"):
        applied(session, laid_out([job(), job("new", "load")]))
    assert store.journal() is not None
    lock, _ = store.read("lock.json") or ({}, "")
    assert not lock["Released"]


def test_drift(session: AccountInProcess) -> None:
    """Changes by hand are found: a job's member, a stopped trigger, a script; tags of others are not drift."""
    applied(session, laid_out([job()], {"a.py": b"1"}, OnSchedule="cron(0 4 * * ? *)"))
    account, store = Account.of(session), store_of(session)
    assert plan_of_drift(account, store).is_empty
    assert recorded_workflows(account) == ["w"]
    wire = {"Role": ROLE, "Command": SHELL, "Timeout": 7}
    session.glue.update_job(JobName=f"load_{SUFFIX}", JobUpdate=wire)
    session.glue.stop_trigger(Name="w_starting_trigger")
    arn = f"arn:aws:glue:us-east-1:123456789012:job/load_{SUFFIX}"
    session.glue.tag_resource(ResourceArn=arn, TagsToAdd={"cost-center": "1"})
    session.s3.buckets["scripts"]["a.py"] = b"2"
    found = plan_of_drift(account, store)
    assert [str(one) for change in found.changes for one in change.differences] == [
        "Timeout: 7 -> 2880",
        "StartOnCreation: None -> True",
    ]
    assert [one.target.key for one in found.uploads] == ["a.py"]
    applied(session, laid_out([job()], {"a.py": b"1"}, OnSchedule="cron(0 4 * * ? *)"))
    assert plan_of_drift(account, store).is_empty


def test_rollback(session: AccountInProcess) -> None:
    """Any earlier version can be deployed again, with the contents of its scripts; it becomes a new version. A
    second rollback goes further back, as undo does (Helm's returns to what the first has removed:
    helm.sh/docs/helm/helm_rollback)."""
    layouts = [laid_out([job(Timeout=number)], {"a.py": str(number).encode()}) for number in (1, 2, 3)]
    for one in layouts:
        applied(session, one)
    account, store = Account.of(session), store_of(session)
    assert apply(account, plan_of_rollback(account, store, 1)).version == 4
    assert snapshot(session, layouts[0])["scripts"] == {"a.py": b"1"}
    assert planned(session, layouts[0]).is_empty
    with pytest.raises(NotFound, match="same as its first one, version 1"):
        plan_of_rollback(account, store, None)
    assert apply(account, plan_of_rollback(account, store, 3)).version == 5
    assert planned(session, layouts[2]).is_empty
    for number in (1, 0):
        apply(account, plan_of_rollback(account, store, None))
        assert planned(session, layouts[number]).is_empty
    with pytest.raises(NotFound, match="no version 9"):
        plan_of_rollback(account, store, 9)
    assert [store.version(one).reason for one in store.numbers()] == [
        *("apply", "apply", "apply", "rollback to 1", "rollback to 3", "rollback to 2", "rollback to 1")
    ]


def test_plan_marks_what_others_changed(session: AccountInProcess) -> None:
    """What a plan takes back of others is marked, apart from the layout's own changes: a member, an object, a job
    that is gone, a trigger that was added (docs/changing-workflows.md)."""
    jobs = [job(), job("gone"), job("other")]
    applied(session, laid_out(jobs, {"a.py": b"1", "b.py": b"1"}))
    session.glue.update_job(JobName=f"load_{SUFFIX}", JobUpdate={"Role": ROLE, "Command": SHELL, "Timeout": 7})
    session.glue.delete_job(JobName=f"gone_{SUFFIX}")
    condition = {"LogicalOperator": "EQUALS", "JobName": f"load_{SUFFIX}", "State": "SUCCEEDED"}
    by_hand = {"Type": "CONDITIONAL", "Predicate": {"Conditions": [condition]}, "WorkflowName": "w"}
    session.glue.create_trigger(Name="by-hand", Actions=[{"JobName": f"other_{SUFFIX}"}], **by_hand)
    session.s3.buckets["scripts"]["a.py"] = b"by hand"
    wanted = laid_out([job(MaxRetries=2), job("gone"), job("other", Timeout=5)], {"a.py": b"2", "b.py": b"2"})
    plan = read_plan(json.dumps(planned(session, wanted).to_json()))
    assert {change.key.name: change.drift for change in plan.changes} == {
        f"load_{SUFFIX}": (("Timeout",),),
        f"gone_{SUFFIX}": ((),),
        f"other_{SUFFIX}": (),
        "by-hand": ((),),
    }
    assert {one.target.key: one.is_drift for one in plan.uploads} == {"a.py": True, "b.py": False}
    lines = [line.plain for line in plan_lines(plan)]
    assert "      Timeout: 7 -> 2880 (!) changed by others" in lines
    assert "      MaxRetries: 0 -> 2" in lines
    assert any(line.startswith("note: what others changed since version 1 is lost in 4 places") for line in lines)


def test_version_found_is_not_after_the_next(session: AccountInProcess) -> None:
    """The version that stands for what an apply found is dated as the apply, not after it."""
    session.glue.create_workflow(Name="w")
    applied(session, laid_out([job()]))
    found, made = [store_of(session).version(number) for number in (1, 2)]
    assert found.reason == "found"
    assert found.created <= made.created


class Killed(BaseException):
    """Ends an apply as SIGKILL does."""


def killed(session: AccountInProcess, layout: LaidOut, operation: str) -> None:
    """Apply a layout, and kill it when an operation has been carried out."""

    def kill(service: str, name: str, is_done: bool) -> None:
        if name == operation and is_done:
            raise Killed

    session.on_change = kill
    with pytest.raises(Killed):
        applied(session, layout)
    session.on_change = lambda *_: None


def test_interrupted_apply_can_be_undone(session: AccountInProcess) -> None:
    """After a kill, the plan states what was interrupted, and the interrupted apply can be undone."""
    applied(session, laid_out([job()]))
    before = snapshot(session)
    killed(session, laid_out([job(Timeout=5), job("new")]), "CreateJob")
    assert "version 2 (apply by" in planned(session, laid_out([job()])).notes[0]
    assert undo_interrupted(Account.of(session), store_of(session), take_over=True) == 1
    assert snapshot(session) == before
    with pytest.raises(NotFound, match="no apply of workflow w was interrupted"):
        undo_interrupted(Account.of(session), store_of(session), take_over=True)


def test_killed_stored_plan_is_completed(session: AccountInProcess) -> None:
    """A stored plan whose apply was killed is completed by the same plan, although the account has changed since:
    by itself."""
    applied(session, laid_out([job()]))
    wanted = laid_out([job(Timeout=5), job("new")])
    plan = planned(session, wanted)

    def kill(service: str, name: str, is_done: bool) -> None:
        if name == "CreateJob":
            raise Killed

    session.on_change = kill
    with pytest.raises(Killed):
        apply(Account.of(session), plan)
    session.on_change = lambda *_: None
    apply(Account.of(session), plan, take_over=True)
    assert planned(session, wanted).is_empty


def test_undo_that_fails(session: AccountInProcess) -> None:
    """If undoing fails, too, the error states both, and how to go on; the journal stays."""
    applied(session, laid_out([job()]))

    def fail(service: str, operation: str, is_done: bool) -> None:
        if operation in ("CreateTrigger", "DeleteJob") and not is_done:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": operation}}, operation)

    session.on_change = fail
    with pytest.raises(ApplyFailed, match=r"undoing it failed, too.*glueprint rollback w") as caught:
        applied(session, laid_out([job(), job("new", "load")]))
    assert not caught.value.is_undone
    session.on_change = lambda *_: None
    undo_interrupted(Account.of(session), store_of(session), take_over=False)
    assert planned(session, laid_out([job()])).is_empty


def test_state_is_found_by_its_tag(session: AccountInProcess) -> None:
    """Everyone finds the state by the workflow's tag; another place is refused; without both, scripts decide."""
    applied(session, laid_out([job()]))
    account = Account.of(session)
    assert open_state(account, "w", None).place == STATE
    with pytest.raises(InvalidArgument, match="is in s3://scripts/states"):
        open_state(account, "w", Location("scripts", "other"))
    with pytest.raises(InvalidArgument, match="--state"):
        open_state(account, "new", None)
    uploads = laid_out([job()], {"a.py": b"1"}).uploads
    assert open_state(account, "new", None, uploads).place == Location("scripts", "glueprint/state")
    with pytest.raises(NotFound, match="there is no bucket none"):
        open_state(account, "new", Location("none")).current()


def test_plan_round_trip(session: AccountInProcess) -> None:
    """A plan is the same after JSON; damaged and foreign files are refused, and plans for another region."""
    layout = replace(
        laid_out([job(), crawler("c", "load")], {"a.py": b"\xff"}, Tags={"a": "b"}),
        calls=(AwsCall("glue", "CreateDatabase", {"DatabaseInput": {"Name": "d"}}),),
    )
    plan = planned(session, layout)
    assert read_plan(json.dumps(plan.to_json())) == plan
    for text, problem in [
        ("{", "not JSON"),
        ("[]", "not a plan"),
        ('{"Kind": "glueprint plan", "Format": 1}', "dam"),
    ]:
        with pytest.raises(InvalidArgument, match=problem):
            read_plan(text)
    with pytest.raises(GlueprintError, match="of format 2 cannot be read"):
        read_plan('{"Kind": "glueprint plan", "Format": 2}')
    with pytest.raises(InvalidArgument, match="region"):
        state_of_plan(Account.of(session), replace(plan, region="eu-west-1"))


def test_deleted_workflow_is_made_again(session: AccountInProcess) -> None:
    """A recorded workflow that was deleted by hand is created again, with the jobs that are still there."""
    applied(session, laid_out([job()]))
    session.glue.delete_workflow(Name="w")
    plan = planned(session, laid_out([job()]))
    assert summary(plan)[0] == ("create", "workflow w")
    applied(session, laid_out([job()]))
    assert planned(session, laid_out([job()])).is_empty


def test_replaced_workflow_is_taken_over_again(session: AccountInProcess) -> None:
    """A workflow that a blueprint run has made again since the last apply has no tag of a state: it is taken over
    as it is, with its names, and becomes the next version."""
    wanted = laid_out([job(), job("report", "load")])
    applied(session, wanted)
    for one in session.glue.get_triggers()["Triggers"]:
        session.glue.delete_trigger(Name=one["Name"])
    for one in session.glue.get_jobs()["Jobs"]:
        session.glue.delete_job(JobName=one["Name"])
    session.glue.delete_workflow(Name="w")
    for one in wanted.named("n6zvar27"):
        getattr(session.glue, f"create_{one.kind}")(**one.request())
    with pytest.raises(NotFound, match="nothing is recorded"):
        plan_of_drift(Account.of(session), store_of(session))
    plan = planned(session, wanted)
    assert plan.is_empty
    assert apply(Account.of(session), plan).version == 3
    assert store_of(session).version(2).reason == "found"
    assert summary(planned(session, laid_out([job()]))) == [
        ("delete", "trigger w_report_n6zvar27_trigger"),
        ("delete", "job report_n6zvar27"),
    ]
