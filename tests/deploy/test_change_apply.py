"""Applying plans: what is kept, what is refused, what is recorded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from harness.account_in_process import AccountInProcess
from moto.server import ThreadedMotoServer
from random_layouts import ROLE, STATE, applied, laid_out, planned, snapshot

from glueprint.blueprint.aws_calls import AwsCall
from glueprint.client.errors import GlueprintError, InvalidArgument, NotFound
from glueprint.client.objects import Location
from glueprint.client.servers import Endpoint
from glueprint.client.session import Session
from glueprint.deploy.change.applying import (
    ApplyFailed,
    PlanOutdated,
    apply,
    state_of_plan,
    undo_interrupted,
)
from glueprint.deploy.change.changes import Action
from glueprint.deploy.change.history import plan_of_drift, plan_of_rollback, recorded_workflows
from glueprint.deploy.change.lock import Locked, LockLost, locked
from glueprint.deploy.change.names import stable_suffix
from glueprint.deploy.change.plan import Plan, read_plan
from glueprint.deploy.change.planning import NameTaken, open_state, plan_of_layout
from glueprint.deploy.change.requests import MAX_ATTEMPTS, Account
from glueprint.deploy.change.running import Running
from glueprint.deploy.change.state import StateStore
from glueprint.deploy.definitions.layout import LaidOut

SHELL = {"Name": "pythonshell", "PythonVersion": "3.9", "ScriptLocation": "s3://scripts/a.py"}
SUFFIX = stable_suffix("w")


@pytest.fixture
def session(tmp_path: Path) -> Iterator[AccountInProcess]:
    """An empty account with a bucket."""
    with AccountInProcess(tmp_path / "data", "scripts") as opened:
        yield opened


def job(name: str = "load", *after: str, **members: Any) -> dict[str, Any]:
    """A job of a layout."""
    return {"kind": "job", "name": name, "members": {"Command": SHELL, **members}, "after": list(after)}


def crawler(name: str = "crawl", *after: str, **members: Any) -> dict[str, Any]:
    """A crawler of a layout."""
    given = {"Targets": {"S3Targets": [{"Path": "s3://scripts/x/"}]}, **members}
    return {"kind": "crawler", "name": name, "members": given, "after": list(after)}


def store_of(session: Session) -> StateStore:
    """The state of the workflow."""
    return open_state(Account.of(session), "w", STATE)


def summary(plan: Plan) -> list[tuple[str, str]]:
    """The changes of a plan."""
    return [(one.action.value, str(one.key)) for one in plan.changes]


def failing(code: str, operation: str, times: int = 1) -> Any:
    """Let an operation fail with an error code, some times."""
    left = [times]

    def on_change(service: str, name: str, is_done: bool) -> None:
        if name == operation and not is_done and left[0]:
            left[0] -= 1
            raise ClientError({"Error": {"Code": code, "Message": "busy"}}, name)

    return on_change


def test_names_are_stable_and_jobs_are_changed_in_place(session: AccountInProcess) -> None:
    """A changed job is updated under its name, which its runs and its bookmark belong to (docs/facts/jobs.md);
    what does not change is not touched."""
    applied(session, laid_out([job(), job("report", "load")]))
    plan = planned(session, laid_out([job(Timeout=5), job("report", "load")]))
    assert summary(plan) == [("update", f"job load_{SUFFIX}")]
    assert [str(one) for one in plan.changes[0].differences] == ["Timeout: 2880 -> 5"]
    session.requests.clear()
    apply(Account.of(session), plan)
    glue = {"UpdateJob", "CreateJob", "DeleteJob", "CreateTrigger", "UpdateTrigger", "DeleteTrigger"}
    assert [one for one in session.requests if one in glue] == ["UpdateJob"]


def test_a_blueprint_runs_workflow_is_taken_over(session: AccountInProcess) -> None:
    """A workflow that a blueprint run made keeps the names with Glue's random suffix
    (DG:developing-blueprints-code-classes); new jobs get the same suffix; rollback restores what was found."""
    first = laid_out([job(), crawler("crawl", "load")], {"a.py": b"1"}, OnSchedule="cron(0 4 * * ? *)")
    session.client("s3").put_object(Bucket="scripts", Key="a.py", Body=b"0")
    for one in first.named("n6zvar27"):
        getattr(session.glue, f"create_{one.kind}")(**one.request())
    before = snapshot(session)
    plan = planned(session, laid_out([job(), crawler("crawl", "load")], OnSchedule="cron(0 4 * * ? *)"))
    assert plan.is_empty
    assert "record" in plan.records
    done = applied(session, laid_out([job(), job("new", "load")], {"a.py": b"1"}))
    assert summary(done.plan) == [
        ("create", "job new_n6zvar27"),
        ("delete", "trigger w_crawl_n6zvar27_trigger"),
        ("create", "trigger w_new_n6zvar27_trigger"),
        ("replace", "trigger w_starting_trigger"),
    ]
    assert done.version == 2
    assert store_of(session).numbers() == [1, 2]
    apply(Account.of(session), plan_of_rollback(Account.of(session), store_of(session), 1))
    assert {key: one for key, one in snapshot(session).items() if "crawl" not in key} == {
        key: one for key, one in before.items() if "crawl" not in key
    }
    assert session.s3.buckets["scripts"]["a.py"] == b"0"


def test_triggers_of_other_names_are_taken_over(session: AccountInProcess) -> None:
    """Triggers that a person named are recognised by what they start: a plan for them is empty."""
    wanted = laid_out([job(), job("report", "load")])
    for one in wanted.named("x"):
        name = {"w_report_x_trigger": "after load", "w_starting_trigger": "go"}.get(one.name, one.name)
        getattr(session.glue, f"create_{one.kind}")(**replace(one, name=name).request())
    assert planned(session, wanted).is_empty


def test_schedule_is_paused_meanwhile(session: AccountInProcess) -> None:
    """The schedule is off while jobs change, and on again at the end: no run starts with parts of two versions."""
    schedule = {"OnSchedule": "cron(0 4 * * ? *)"}
    applied(session, laid_out([job()], **schedule))
    states = []

    def look(service: str, operation: str, is_done: bool) -> None:
        if operation == "UpdateJob":
            states.append(session.glue.get_trigger(Name="w_starting_trigger")["Trigger"]["State"])

    session.on_change = look
    applied(session, laid_out([job(Timeout=5)], **schedule))
    assert states == ["DEACTIVATED", "DEACTIVATED"]
    assert session.glue.get_trigger(Name="w_starting_trigger")["Trigger"]["State"] == "ACTIVATED"


def test_nothing_changes_while_a_run_is_active(session: AccountInProcess) -> None:
    """A workflow with an active run, or a job that would be changed and runs, is not changed."""
    applied(session, laid_out([job(), job("other")]))
    run_id = session.glue.start_workflow_run(Name="w")["RunId"]
    before = snapshot(session)
    with pytest.raises(Running, match=f"its run {run_id} is RUNNING; nothing was changed"):
        applied(session, laid_out([job(Timeout=5)]))
    assert snapshot(session) == before
    assert store_of(session).journal() is None


def test_a_running_job_is_not_changed(session: AccountInProcess) -> None:
    """A job that runs outside its workflow is not changed either; another one is."""
    applied(session, laid_out([job(), job("other")]))
    session.glue.start_job_run(JobName=f"load_{SUFFIX}")
    with pytest.raises(Running, match=f"job load_{SUFFIX} cannot be changed"):
        applied(session, laid_out([job(Timeout=5), job("other")]))
    assert applied(session, laid_out([job(), job("other", Timeout=5)])).version == 2


def test_two_applies_at_once(session: AccountInProcess) -> None:
    """Of two applies at the same time one is refused with the name of the holder, and the other completes."""
    wanted = laid_out([job(), job("report", "load")])
    refused = []

    def other(service: str, operation: str, is_done: bool) -> None:
        if operation == "CreateJob" and not refused:
            with pytest.raises(Locked, match=r"is being changed by .*@.* \(process \d+, apply, since") as caught:
                applied(session, laid_out([job(Timeout=5)]))
            refused.append(caught.value)

    session.on_change = other
    applied(session, wanted)
    assert refused
    assert planned(session, wanted).is_empty


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


@pytest.mark.parametrize("code", ["ConcurrentModificationException", "ThrottlingException"])
def test_busy_glue_gets_the_request_again(session: AccountInProcess, code: str) -> None:
    """Throttling and concurrent modification are repeated
    (aws-cloudformation/cloudformation-coverage-roadmap#2103); in the end the apply is undone."""
    session.on_change = failing(code, "CreateTrigger", 3)
    assert applied(session, laid_out([job()])).version == 1
    session.on_change = failing(code, "UpdateJob", MAX_ATTEMPTS)
    before = snapshot(session)
    with pytest.raises(ApplyFailed, match=f"{code}.*everything is as it was before"):
        applied(session, laid_out([job(Timeout=5)]))
    assert snapshot(session) == before


def test_create_whose_answer_was_lost(session: AccountInProcess) -> None:
    """A create that was carried out, although its answer was an error, is not an error at the second attempt."""

    def lose(service: str, operation: str, is_done: bool) -> None:
        if operation == "CreateJob" and is_done:
            session.on_change = lambda *_: None
            raise ClientError({"Error": {"Code": "InternalServiceException", "Message": "?"}}, operation)

    session.on_change = lose
    applied(session, laid_out([job()]))
    assert planned(session, laid_out([job()])).is_empty


def test_names_of_others_are_refused(session: AccountInProcess) -> None:
    """A job that exists and belongs to something else is not overwritten; nothing is changed."""
    session.glue.create_job(Name=f"load_{SUFFIX}", Role=ROLE, Command=SHELL)
    with pytest.raises(NameTaken, match=f"job load_{SUFFIX}"):
        planned(session, laid_out([job()]))


def test_jobs_that_others_use_are_kept(session: AccountInProcess) -> None:
    """A job that the layout no longer makes stays if a trigger outside the workflow starts it."""
    applied(session, laid_out([job(), job("other")]))
    actions = [{"JobName": f"other_{SUFFIX}"}]
    session.glue.create_trigger(Name="mine", Type="ON_DEMAND", Actions=actions)
    done = applied(session, laid_out([job()]))
    assert done.plan.notes[-1] == f"job other_{SUFFIX} is kept: trigger mine uses it"
    assert session.glue.get_job(JobName=f"other_{SUFFIX}")


def test_jobs_that_others_added_are_kept(session: AccountInProcess) -> None:
    """A trigger that was added to the workflow by hand goes; its job, which no apply made, stays."""
    applied(session, laid_out([job()]))
    session.glue.create_job(Name="by hand", Role=ROLE, Command=SHELL)
    predicate = {"Conditions": [{"LogicalOperator": "EQUALS", "JobName": f"load_{SUFFIX}", "State": "FAILED"}]}
    actions = [{"JobName": "by hand"}]
    session.glue.create_trigger(
        Name="added", WorkflowName="w", Type="CONDITIONAL", Predicate=predicate, Actions=actions
    )
    assert summary(plan_of_drift(Account.of(session), store_of(session))) == [("delete", "trigger added")]
    applied(session, laid_out([job()]))
    assert session.glue.get_job(JobName="by hand")


def test_what_cannot_be_changed_in_place(session: AccountInProcess) -> None:
    """A trigger whose type changes is replaced: TriggerUpdate has no Type (service model)."""
    applied(session, laid_out([job()]))
    plan = planned(session, laid_out([job()], OnSchedule="cron(0 4 * * ? *)"))
    assert [(one.action, one.reason) for one in plan.changes] == [
        (Action.REPLACE, "UpdateTrigger cannot change Type")
    ]


def test_crawlers_lose_members(session: AccountInProcess) -> None:
    """Members that a crawler no longer has are removed, although UpdateCrawler keeps what a request leaves out
    (service model); so are a workflow's description and properties."""
    members = {"TablePrefix": "p_", "Schedule": "cron(0 5 * * ? *)", "Configuration": '{"Version": 1.0}'}
    policy = {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"}
    first = [crawler(**members, SchemaChangePolicy=policy, Description="d")]
    applied(session, laid_out(first, Description="d", DefaultRunProperties={"a": "b"}))
    applied(session, laid_out([crawler()]))
    assert planned(session, laid_out([crawler()])).is_empty
    assert not session.glue.get_workflow(Name="w")["Workflow"].get("DefaultRunProperties")


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
    """Any earlier version can be deployed again, with the contents of its scripts; it becomes a new version."""
    layouts = [laid_out([job(Timeout=number)], {"a.py": str(number).encode()}) for number in (1, 2, 3)]
    for one in layouts:
        applied(session, one)
    account, store = Account.of(session), store_of(session)
    assert apply(account, plan_of_rollback(account, store, 1)).version == 4
    assert snapshot(session, layouts[0])["scripts"] == {"a.py": b"1"}
    assert planned(session, layouts[0]).is_empty
    assert apply(account, plan_of_rollback(account, store, None)).version == 5
    assert planned(session, layouts[2]).is_empty
    with pytest.raises(NotFound, match="no version 9"):
        plan_of_rollback(account, store, 9)
    assert [store.version(one).reason for one in store.numbers()] == [
        *("apply", "apply", "apply", "rollback to 1", "rollback to 3")
    ]


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


def test_calls_of_the_layout(session: AccountInProcess) -> None:
    """What the layout would create itself is created by the apply, and deleted if that is undone."""
    call = AwsCall("glue", "CreateDatabase", {"DatabaseInput": {"Name": "sales"}})
    wanted = replace(laid_out([job()]), calls=(call,))
    session.on_change = failing("AccessDeniedException", "CreateJob")
    with pytest.raises(ApplyFailed) as caught:
        applied(session, wanted)
    assert caught.value.is_undone
    assert session.glue.get_databases()["DatabaseList"] == []
    assert session.glue.get_paginator("list_workflows").paginate().build_full_result()["Workflows"] == []
    applied(session, wanted)
    assert session.glue.get_database(Name="sales")


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


def test_ctrl_c_is_undone(session: AccountInProcess) -> None:
    """An interrupted apply is undone."""

    def interrupt(service: str, operation: str, is_done: bool) -> None:
        if operation == "CreateTrigger":
            session.on_change = lambda *_: None
            raise KeyboardInterrupt

    session.on_change = interrupt
    with pytest.raises(ApplyFailed, match=r"KeyboardInterrupt; everything is as it was before"):
        applied(session, laid_out([job()]))
    assert snapshot(session) == {"triggers": [], "scripts": {}}


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


def test_renamed_job_is_noted(session: AccountInProcess) -> None:
    """A layout that makes a new job instead of an old one has perhaps renamed it: the plan states what is lost."""
    applied(session, laid_out([job()]))
    plan = planned(session, laid_out([job("load_all")]))
    assert "no longer makes load: if a job was renamed" in plan.notes[0]
    assert [one.reason for one in plan.changes if one.action is Action.DELETE] == [
        "its runs and its bookmark are lost"
    ]


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


def test_tags_of_others_survive_a_replacement(session: AccountInProcess) -> None:
    """A trigger that is replaced keeps the tags that others gave it."""
    applied(session, laid_out([job()]))
    arn = "arn:aws:glue:us-east-1:123456789012:trigger/w_starting_trigger"
    session.glue.tag_resource(ResourceArn=arn, TagsToAdd={"cost-center": "1"})
    applied(session, laid_out([job()], OnSchedule="cron(0 4 * * ? *)"))
    assert session.glue.get_tags(ResourceArn=arn)["Tags"] == {"cost-center": "1"}


def test_moto() -> None:
    """The same apply deploys on moto, whose Glue has no Update operations: plan and drift are empty after it."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    session = Session(Endpoint(f"http://{host}:{port}", "x", "x", "us-east-1"))
    try:
        session.client("s3").create_bucket(Bucket="scripts")
        wanted = laid_out([job(Tags={"a": "b"}), crawler("c", "load")], {"a.py": b"1"}, Tags={"a": "b"})
        account = Account.of(session)
        for number in (1, 2):
            plan = plan_of_layout(account, store_of(session), wanted, blueprint="b", parameters={})
            assert plan.is_empty is (number == 2)
            assert apply(account, plan).version == 1
        assert plan_of_drift(account, store_of(session)).is_empty
        fewer = plan_of_layout(
            account,
            store_of(session),
            laid_out([job(Tags={"a": "b"})], Tags={"a": "b"}),
            blueprint="b",
            parameters={},
        )
        assert summary(fewer) == [("delete", f"trigger w_c_{SUFFIX}_trigger"), ("delete", f"crawler c_{SUFFIX}")]
        assert apply(account, fewer).version == 2
    finally:
        session.close()
        server.stop()
