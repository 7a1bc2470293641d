"""Applying plans: what is kept, what is refused, what is undone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from harness.account_in_process import AccountInProcess
from moto.server import ThreadedMotoServer
from random_layouts import ROLE, applied, laid_out, planned, snapshot
from small_layouts import SHELL, SUFFIX, crawler, failing, job, store_of, summary

from glueprint.blueprint.aws_calls import AwsCall
from glueprint.client.servers import Endpoint
from glueprint.client.session import Session
from glueprint.deploy.change.applying import (
    ApplyFailed,
    apply,
)
from glueprint.deploy.change.changes import Action
from glueprint.deploy.change.history import plan_of_drift, plan_of_rollback
from glueprint.deploy.change.lock import Locked
from glueprint.deploy.change.planning import NameTaken, plan_of_layout
from glueprint.deploy.change.requests import MAX_ATTEMPTS, Account
from glueprint.deploy.change.running import Running


@pytest.fixture
def session(tmp_path: Path) -> Iterator[AccountInProcess]:
    """An empty account with a bucket."""
    with AccountInProcess(tmp_path / "data", "scripts") as opened:
        yield opened


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


def test_renamed_job_is_noted(session: AccountInProcess) -> None:
    """A layout that makes a new job instead of an old one has perhaps renamed it: the plan states what is lost."""
    applied(session, laid_out([job()]))
    plan = planned(session, laid_out([job("load_all")]))
    assert "no longer makes load: if a job was renamed" in plan.notes[0]
    assert [one.reason for one in plan.changes if one.action is Action.DELETE] == [
        "its runs and its bookmark are lost"
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
