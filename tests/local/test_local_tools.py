"""Tools next to Glue: the calls of Terraform's AWS provider and of Airflow, in their order, on a real server.

The provider is not installed here; its calls are replayed with boto3: create, read, and read again. That the two
readings are the same is what makes a second plan empty.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from harness.local_server import Server

from glueprint.client.aws_environment import airflow_connection
from glueprint.client.servers import running_server

TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
ACCOUNT = "123456789012"
GLUE_POLICY = "arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole"


@pytest.fixture(autouse=True)
def _resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    """``*.localhost`` is this machine; not every resolver knows that."""
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *more, **named: real("127.0.0.1" if host.endswith(".localhost") else host, *more, **named),
    )


def twice(read: Callable[[], Any]) -> Any:
    """Read two times; both must be the same."""
    first, second = read(), read()
    for answer in (first, second):
        answer.pop("ResponseMetadata")
    assert first == second
    return first


def refusal(call: Callable[..., Any], **members: Any) -> tuple[str, str]:
    """Return code and message of a refused request, which must have status 400."""
    with pytest.raises(ClientError) as refused:
        call(**members)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def test_terraform_reads_back_what_it_made(shared_server: Server) -> None:
    """aws_iam_role, aws_s3_bucket, aws_cloudwatch_log_group, aws_glue_registry, aws_glue_job, aws_glue_trigger."""
    iam, s3, logs, glue = (shared_server.client(name) for name in ("iam", "s3", "logs", "glue"))
    iam.create_role(RoleName="tf", AssumeRolePolicyDocument=TRUST)
    iam.get_policy(PolicyArn=GLUE_POLICY)
    iam.attach_role_policy(RoleName="tf", PolicyArn=GLUE_POLICY)
    attached = twice(lambda: iam.list_attached_role_policies(RoleName="tf"))["AttachedPolicies"]
    assert attached == [{"PolicyName": "AWSGlueServiceRole", "PolicyArn": GLUE_POLICY}]

    s3.create_bucket(Bucket="tf-bucket")
    url = shared_server.url.replace("127.0.0.1", "localhost")
    endpoint = running_server(shared_server.data_dir)
    assert endpoint is not None
    control = boto3.client(
        "s3control",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=endpoint.access_key,
        aws_secret_access_key=endpoint.secret_key,
    )
    arn = "arn:aws:s3:::tf-bucket"
    control.tag_resource(AccountId=ACCOUNT, ResourceArn=arn, Tags=[{"Key": "team", "Value": "data"}])
    tags = twice(lambda: control.list_tags_for_resource(AccountId=ACCOUNT, ResourceArn=arn))["Tags"]
    assert tags == [{"Key": "team", "Value": "data"}] == s3.get_bucket_tagging(Bucket="tf-bucket")["TagSet"]
    assert "ListAccessPoints" in refusal(control.list_access_points, AccountId=ACCOUNT)[1]

    logs.create_log_group(logGroupName="/tf/group", tags={"a": "b"})
    logs.put_retention_policy(logGroupName="/tf/group", retentionInDays=14)
    [group] = twice(lambda: logs.describe_log_groups(logGroupNamePrefix="/tf/group"))["logGroups"]
    assert group["retentionInDays"] == 14
    assert twice(lambda: logs.list_tags_for_resource(resourceArn=group["logGroupArn"]))["tags"] == {"a": "b"}
    logs.create_log_stream(logGroupName="/tf/group", logStreamName="one")
    assert len(logs.describe_log_streams(logGroupName="/tf/group")["logStreams"]) == 1
    logs.delete_log_group(logGroupName="/tf/group")
    assert logs.describe_log_groups(logGroupNamePrefix="/tf/group")["logGroups"] == []

    registry = glue.create_registry(RegistryName="tf", Tags={"a": "b"})["RegistryArn"]
    assert twice(lambda: glue.get_registry(RegistryId={"RegistryArn": registry}))["RegistryName"] == "tf"
    assert twice(lambda: glue.get_tags(ResourceArn=registry))["Tags"] == {"a": "b"}
    glue.tag_resource(ResourceArn=registry, TagsToAdd={"c": "d"})
    assert glue.get_tags(ResourceArn=registry)["Tags"] == {"a": "b", "c": "d"}

    role = f"arn:aws:iam::{ACCOUNT}:role/tf"
    command = {"Name": "glueetl", "ScriptLocation": "s3://tf-bucket/a.py"}
    glue.create_job(Name="tf", Role=role, Command=command, WorkerType="G.2X", NumberOfWorkers=4)
    job = twice(lambda: glue.get_job(JobName="tf"))["Job"]
    assert (job["MaxCapacity"], job["AllocatedCapacity"], job["NumberOfWorkers"]) == (8.0, 8, 4)
    glue.create_workflow(Name="tf")
    assert twice(lambda: glue.get_workflow_runs(Name="tf"))["Runs"] == []
    actions = [{"JobName": "tf"}]
    glue.create_trigger(Name="tf", Type="EVENT", WorkflowName="tf", Actions=actions)
    assert twice(lambda: glue.get_trigger(Name="tf"))["Trigger"]["State"] == "CREATED"
    assert "Trigger Type EVENT cannot be started" in refusal(glue.start_trigger, Name="tf")[1]
    assert "not allowed when trigger is in state: CREATED" in refusal(glue.stop_trigger, Name="tf")[1]


def test_a_capacity_next_to_workers_is_refused_in_awss_words(shared_server: Server) -> None:
    """What GetJob shows cannot be sent back with the workers (boto/boto3#2644)."""
    glue = shared_server.client("glue")
    members = {"Role": "r", "Command": {"Name": "glueetl"}, "WorkerType": "G.1X", "NumberOfWorkers": 2}
    _, message = refusal(glue.create_job, Name="both", MaxCapacity=2.0, **members)
    assert message == "Please do not set Max Capacity if using Worker Type and Number of Workers"


def test_other_services_are_refused_by_name(shared_server: Server) -> None:
    """No invented answers: Redshift Data, EventBridge Scheduler, CloudFormation and others."""
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("redshift-data", "execute_statement", {"Sql": "SELECT 1", "Database": "d"}),
        ("scheduler", "list_schedules", {}),
        ("cloudformation", "create_stack", {"StackName": "s", "TemplateBody": "{}"}),
        ("lambda", "list_functions", {}),
        ("ec2", "run_instances", {"MinCount": 1, "MaxCount": 1}),
        ("cloudwatch", "describe_alarms", {}),
    ]
    for service, method, members in calls:
        client = shared_server.client(service)
        code, message = refusal(getattr(client, method), **members)
        assert code.startswith("UnsupportedOperation")
        assert client.meta.method_to_api_mapping[method] in message


def test_iam_survives_a_restart(server: Server) -> None:
    """Roles with their ids, attached policies, access keys and sessions; what was deleted stays deleted."""
    iam, sts = server.client("iam"), server.client("sts")
    iam.create_role(RoleName="kept", AssumeRolePolicyDocument=TRUST, Tags=[{"Key": "a", "Value": "b"}])
    iam.attach_role_policy(RoleName="kept", PolicyArn=GLUE_POLICY)
    iam.create_role(RoleName="gone", AssumeRolePolicyDocument=TRUST)
    iam.delete_role(RoleName="gone")
    iam.create_user(UserName="ana")
    key = iam.create_access_key(UserName="ana")["AccessKey"]
    role = f"arn:aws:iam::{ACCOUNT}:role/kept"
    session = sts.assume_role(RoleArn=role, RoleSessionName="task")["Credentials"]
    before = iam.get_role(RoleName="kept")["Role"]
    server.kill()
    server.start()
    identity = _caller(server, key["AccessKeyId"], key["SecretAccessKey"])
    assert identity.endswith(":user/ana")
    assumed = _caller(server, session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])
    assert "assumed-role/kept/task" in assumed
    iam = server.client("iam")
    after = iam.get_role(RoleName="kept")["Role"]
    assert {**after, "RoleLastUsed": None} == {**before, "RoleLastUsed": None}
    [attached] = iam.list_attached_role_policies(RoleName="kept")["AttachedPolicies"]
    assert attached["PolicyArn"] == GLUE_POLICY
    assert [role["RoleName"] for role in iam.list_roles()["Roles"]] == ["kept"]


def _caller(server: Server, key: str, secret: str, token: str | None = None) -> str:
    sts = boto3.client(
        "sts",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
    )
    return str(sts.get_caller_identity()["Arn"])


def test_airflows_connection_is_complete(shared_server: Server, tmp_path: Path) -> None:
    """Keys, endpoint, region, STS and retries (Amazon provider, "Amazon Web Services Connection")."""
    endpoint = running_server(shared_server.data_dir)
    assert endpoint is not None
    connection = airflow_connection(endpoint)
    extra = connection["extra"]
    assert (connection["conn_type"], connection["login"]) == ("aws", endpoint.access_key)
    assert extra["endpoint_url"] == extra["service_config"]["sts"]["endpoint_url"] == shared_server.url
    session = boto3.Session(connection["login"], connection["password"], region_name=extra["region_name"])
    config = boto3.session.Config(**extra["config_kwargs"])
    sts = session.client("sts", endpoint_url=extra["endpoint_url"], config=config)
    assert sts.get_caller_identity()["Account"] == ACCOUNT
