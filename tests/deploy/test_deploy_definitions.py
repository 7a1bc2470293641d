"""What a workflow is: read from a Glue, made by a layout, compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from deployed_blueprint import subject
from harness.account_in_process import AccountInProcess

from glueprint.blueprint.aws_calls import AwsCall, CallRefused
from glueprint.deploy.definitions.comparison import Difference, differences
from glueprint.deploy.definitions.layout import LaidOut, LayoutFailed, lay_out
from glueprint.deploy.definitions.model import Definition, Key, Kind, WorkflowDefinition
from glueprint.deploy.definitions.reading import owner, read_workflow
from glueprint.deploy.definitions.recording import RecordingAccount, lookup_of

ACCOUNT = "123456789012"


@pytest.fixture(scope="module")
def laid_out() -> LaidOut:
    """What the layout of the blueprint makes."""
    return lay_out(subject(), {"WorkflowName": "orders"})


@pytest.fixture
def account(tmp_path: Path) -> Iterator[AccountInProcess]:
    """An empty account with a bucket."""
    with AccountInProcess(tmp_path / "data", "scripts") as opened:
        yield opened


def created(glue: Any, wanted: WorkflowDefinition) -> None:
    """Create everything of a workflow."""
    for one in wanted:
        getattr(glue, f"create_{one.kind}")(**one.request())


def compared(wanted: WorkflowDefinition, deployed: WorkflowDefinition | None) -> dict[Key, list[Difference]]:
    """Return the differences by resource; the resources must be the same."""
    assert deployed is not None
    have = deployed.by_key()
    assert set(have) == set(wanted.by_key())
    return {one.key: found for one in wanted if (found := differences(one, have[one.key]))}


def test_deployed_is_what_was_created(account: AccountInProcess, laid_out: LaidOut) -> None:
    """What a layout made, created and read again, has no differences: what Glue fills in is none (service model:
    Timeout, MaxRetries, SchemaChangePolicy, Logical, ...); tags are read."""
    wanted = laid_out.named("x1")
    created(account.glue, wanted)
    assert compared(wanted, read_workflow(account.glue, "orders", account_id=owner(account))) == {}


def test_no_workflow(account: AccountInProcess) -> None:
    """Where there is no workflow of that name, there is no definition (GetWorkflow: EntityNotFoundException)."""
    assert read_workflow(account.glue, "orders", account_id=ACCOUNT) is None


def test_logical_names(laid_out: LaidOut) -> None:
    """Jobs, crawlers and triggers have the names of the layout without the suffix that Glue adds; deployed names
    are formed as Glue forms them (docs/facts/blueprints.md#generated-names), or are given one by one."""
    assert [one.name for one in laid_out.definition] == [
        *("orders", "orders_load", "orders_report", "orders_crawl"),
        *("orders_orders_crawl_trigger", "orders_orders_report_trigger", "orders_starting_trigger"),
    ]
    deployed = laid_out.named("x1", {Key(Kind.JOB, "orders_report"): "kept"})
    assert [one.name for one in deployed] == [
        *("orders", "kept", "orders_load_x1", "orders_crawl_x1"),
        *("orders_kept_trigger", "orders_orders_crawl_x1_trigger", "orders_starting_trigger"),
    ]
    report = deployed.triggers[0].members
    assert report["Actions"] == [{"JobName": "kept"}]
    assert [one["CrawlerName"] for one in report["Predicate"]["Conditions"]] == ["orders_crawl_x1"]


def test_uploads_and_calls_are_results(laid_out: LaidOut) -> None:
    """What the layout would upload and create is returned; its reads are not; nothing is changed."""
    assert [(one.location, one.content[:5]) for one in laid_out.uploads] == [
        ("s3://scripts/orders/load.py", b"print")
    ]
    assert [(one.service, one.operation) for one in laid_out.calls] == [("glue", "CreateDatabase")]


def test_recording_reads_the_account(account: AccountInProcess) -> None:
    """A layout's reads reach the account, its changes do not: a database that exists there is refused as Glue
    refuses it (AlreadyExistsException), and is no change; what was recorded is visible to later calls."""
    answer = RecordingAccount(account).answer
    lay_out(subject(), {"WorkflowName": "orders"}, answer=answer)
    assert not [one for one in account.requests if one.startswith(("Create", "Put"))]
    assert answer(AwsCall("glue", "GetDatabase", {"Name": "orders"}))["Database"]["Name"] == "orders"
    body = answer(AwsCall("s3", "GetObject", {"Bucket": "scripts", "Key": "orders/load.py"}))["Body"]
    assert body.startswith(b"print")
    account.glue.create_database(DatabaseInput={"Name": "orders"})
    assert lay_out(subject(), {"WorkflowName": "orders"}, answer=RecordingAccount(account).answer).calls == ()


def test_recording_refuses_as_the_account_does(account: AccountInProcess) -> None:
    """A read that the account refuses is refused with its code and status; a listing has recorded objects, too."""
    answer = RecordingAccount(account).answer
    with pytest.raises(CallRefused) as refused:
        answer(AwsCall("s3", "HeadObject", {"Bucket": "scripts", "Key": "a"}))
    assert (refused.value.code, refused.value.status) == ("404", 404)
    account.client("s3").put_object(Bucket="scripts", Key="a", Body=b"1")
    answer(AwsCall("s3", "PutObject", {"Bucket": "scripts", "Key": "b", "Body": b"2"}))
    listed = answer(AwsCall("s3", "ListObjectsV2", {"Bucket": "scripts"}))
    assert [one["Key"] for one in listed["Contents"]] == ["a", "b"]
    with pytest.raises(CallRefused, match="exists already"):
        answer(AwsCall("s3", "CreateBucket", {"Bucket": "scripts"}))


@pytest.mark.parametrize(
    ("call", "lookup"),
    [
        (
            AwsCall("glue", "CreateTable", {"DatabaseName": "d", "TableInput": {"Name": "t"}}),
            AwsCall("glue", "GetTable", {"DatabaseName": "d", "Name": "t"}),
        ),
        (AwsCall("s3", "CreateBucket", {"Bucket": "b"}), AwsCall("s3", "HeadBucket", {"Bucket": "b"})),
        (AwsCall("iam", "CreateRole", {"RoleName": "r"}), AwsCall("iam", "GetRole", {"RoleName": "r"})),
        (AwsCall("glue", "CreatePartition", {"DatabaseName": "d", "TableName": "t", "PartitionInput": {}}), None),
        (AwsCall("sqs", "SendMessage", {"QueueUrl": "u"}), None),
    ],
)
def test_lookup(call: AwsCall, lookup: AwsCall | None) -> None:
    """The operation that reads what another one creates follows from the service model."""
    assert lookup_of(call) == lookup


def test_layout_errors(tmp_path: Path) -> None:
    """A layout that fails, or makes two jobs of one name, is an error with a remedy; so are wrong parameters."""
    with pytest.raises(LayoutFailed, match=r"KeyError.*layout.py:"):
        lay_out(subject(body='    raise KeyError("x")'), {"WorkflowName": "orders"})
    twice = '    twice = [Job(Name="a", Role="r", Command=command), Job(Name="a", Role="r", Command=command)]\n'
    twice += "    return Workflow(Name=name, Entities=Entities(Jobs=twice))"
    with pytest.raises(LayoutFailed, match="more than one job a"):
        lay_out(subject(body=twice), {"WorkflowName": "orders"})


def test_json_round_trip(laid_out: LaidOut) -> None:
    """A workflow is the same after JSON."""
    wanted = laid_out.named("x1")
    assert WorkflowDefinition.from_json(wanted.to_json()) == wanted


def job(**members: Any) -> Definition:
    """A Spark job with these members."""
    given = {"Role": "r", "Command": {"Name": "glueetl", "ScriptLocation": "s3://b/k"}, **members}
    return Definition.of_request(Kind.JOB, {"Name": "j", **given})


def crawler(**members: Any) -> Definition:
    """A crawler with these members."""
    given = {"Role": "r", "Targets": {"S3Targets": [{"Path": "s3://b/p"}]}, **members}
    return Definition.of_request(Kind.CRAWLER, {"Name": "c", **given})


def trigger(**members: Any) -> Definition:
    """A conditional trigger with these members."""
    given = {"Type": "CONDITIONAL", "WorkflowName": "w", "Actions": [{"JobName": "a"}], **members}
    return Definition.of_request(Kind.TRIGGER, {"Name": "t", **given})


CONDITIONS = [{"LogicalOperator": "EQUALS", "JobName": name, "State": "SUCCEEDED"} for name in ("x", "y")]


@pytest.mark.parametrize(
    ("wanted", "deployed"),
    [
        (job(), job(Timeout=480, MaxRetries=0, GlueVersion="6.0", ExecutionClass="STANDARD", Description="")),
        (job(WorkerType="G.1X", NumberOfWorkers=2), job(WorkerType="G.1X", NumberOfWorkers=2, MaxCapacity=2.0)),
        (job(), job(Connections={"Connections": []}, JobRunQueuingEnabled=False)),
        (crawler(Role="arn:aws:iam::1:role/service-role/R"), crawler(Role="service-role/R")),
        (crawler(), crawler(Targets={"S3Targets": [{"Path": "s3://b/p", "Exclusions": []}], "JdbcTargets": []})),
        (crawler(), crawler(LakeFormationConfiguration={"UseLakeFormationCredentials": False, "AccountId": ""})),
        (crawler(Configuration='{"a": 1}'), crawler(Configuration='{ "a":1 }')),
        (
            trigger(Predicate={"Conditions": CONDITIONS[:1]}),
            trigger(Predicate={"Conditions": CONDITIONS[:1], "Logical": "ANY"}),
        ),
        (
            trigger(Predicate={"Conditions": CONDITIONS, "Logical": "AND"}),
            trigger(Predicate={"Conditions": CONDITIONS[::-1], "Logical": "AND"}),
        ),
        (
            Definition.of_request(Kind.TRIGGER, {"Name": "t", "Type": "ON_DEMAND", "Actions": [{"JobName": "a"}]}),
            Definition.of_request(
                Kind.TRIGGER, {"Name": "t", "Type": "ON_DEMAND", "Actions": [{"JobName": "a", "Arguments": {}}]}
            ),
        ),
    ],
)
def test_no_difference(wanted: Definition, deployed: Definition) -> None:
    """What Glue fills in or spells in its own way is not a difference (docs/facts/jobs.md, crawlers.md;
    terraform-provider-aws: role of aws_glue_crawler)."""
    assert differences(wanted, deployed) == []


def test_differences_name_members() -> None:
    """Each member that differs is listed with both values, down to single arguments."""
    found = differences(
        job(Timeout=60, DefaultArguments={"--a": "1", "--b": "2"}), job(DefaultArguments={"--a": "1", "--c": "3"})
    )
    assert [str(one) for one in found] == [
        "DefaultArguments.--b: None -> '2'",
        "DefaultArguments.--c: '3' -> None",
        "Timeout: 480 -> 60",
    ]


def test_tags_of_others_are_left_alone() -> None:
    """A tag that is not wanted differs only if it was wanted before; Glue's and Glueprint's own never do."""
    tagged = replace(job(), tags={"team": "x", "cost": "1", "BlueprintName": "b", "glueprint:state": "s3://b"})
    before = replace(job(), tags={"team": "x", "BlueprintName": "b"})
    assert differences(job(), tagged) == []
    assert [str(one) for one in differences(job(), tagged, before)] == ["Tags.team: 'x' -> None"]
    assert [str(one) for one in differences(before, job())] == [
        "Tags.BlueprintName: None -> 'b'",
        "Tags.team: None -> 'x'",
    ]
