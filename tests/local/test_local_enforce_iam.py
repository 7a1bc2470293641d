"""`glueprint serve --enforce-iam`: users, jobs, layouts and crawlers may do what their policies allow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner
from harness.local_server import Server, until

from glueprint.cli.main import cli

ROOT = Path(__file__).parents[2]
ACCOUNT = "123456789012"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
SCRIPT = """
import boto3
s3 = boto3.client("s3")
print(boto3.client("sts").get_caller_identity()["Arn"])
s3.put_object(Bucket="lake", Key="out/result", Body=s3.get_object(Bucket="lake", Key="in/a")["Body"].read())
"""


@pytest.fixture(scope="module")
def enforcing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that enforces, with a bucket, and a script in another."""
    with Server(tmp_path_factory.mktemp("enforcing") / "data", "--enforce-iam") as server:
        s3 = server.client("s3")
        s3.create_bucket(Bucket="lake")
        s3.put_object(Bucket="lake", Key="in/a", Body=b"1")
        server.put_script("transfer.py", SCRIPT)
        yield server


def put_role(server: Server, name: str, *statements: dict[str, Any], trust: dict[str, Any] = TRUST) -> str:
    """Create a role; its ARN."""
    iam = server.client("iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    if statements:
        put_policy(server, name, *statements)
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def put_policy(server: Server, role: str, *statements: dict[str, Any]) -> None:
    """Give a role exactly these statements."""
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **one} for one in statements]}
    server.client("iam").put_role_policy(RoleName=role, PolicyName="own", PolicyDocument=json.dumps(document))


def user_client(server: Server, name: str, service: str, *statements: dict[str, Any]) -> Any:
    """A client of a new user with these statements."""
    iam = server.client("iam")
    iam.create_user(UserName=name)
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **one} for one in statements]}
    if statements:
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=json.dumps(document))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return boto3.client(
        service,
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )


def refused(call: Any, **parameters: Any) -> tuple[str, int, str]:
    """Code, HTTP status and message of the error."""
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    answer = raised.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Message"]


def run_job(server: Server, name: str, role: str, script: str = "transfer.py") -> dict[str, Any]:
    """A run of a Python shell job with this role, once it is over."""
    glue = server.client("glue")
    command = {"Name": "pythonshell", "ScriptLocation": f"s3://scripts/{script}", "PythonVersion": "3.9"}
    glue.create_job(Name=name, Role=role, Command=command)
    return server.finished_job_run(name, glue.start_job_run(JobName=name)["JobRunId"])


def test_users_get_awss_refusals(enforcing: Server) -> None:
    """Glue: AccessDeniedException, HTTP 400; S3: AccessDenied, 403 (both services' "Common errors")."""
    glue = user_client(enforcing, "ann", "glue", {"Action": "glue:GetJob", "Resource": "*"})
    who = f"arn:aws:iam::{ACCOUNT}:user/ann"
    assert refused(glue.list_workflows) == (
        "AccessDeniedException",
        400,
        f"User: {who} is not authorized to perform: glue:ListWorkflows on resource: * "
        "because no identity-based policy allows the glue:ListWorkflows action",
    )
    assert refused(glue.get_job, JobName="none")[0] == "EntityNotFoundException"
    s3 = user_client(enforcing, "bob", "s3", {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::lake/in/*"})
    assert s3.get_object(Bucket="lake", Key="in/a")["Body"].read() == b"1"
    assert refused(s3.put_object, Bucket="lake", Key="in/a", Body=b"2") == (
        "AccessDenied",
        403,
        f'User: arn:aws:iam::{ACCOUNT}:user/bob is not authorized to perform: s3:PutObject on resource: '
        '"arn:aws:s3:::lake/in/a" because no identity-based policy allows the s3:PutObject action',
    )
    # GetObject (S3 API reference): without s3:ListBucket, an object that does not exist is not "not found".
    assert refused(s3.get_object, Bucket="lake", Key="in/none")[:2] == ("AccessDenied", 403)
    logs = user_client(enforcing, "cy", "logs")
    assert refused(logs.describe_log_streams, logGroupName="/aws-glue/jobs/output")[:2] == (
        "AccessDeniedException",
        400,
    )


def test_the_key_of_the_data_directory_may_do_everything(enforcing: Server) -> None:
    """It belongs to the owner of the account, as a root user's."""
    assert enforcing.client("glue").list_workflows()["Workflows"] == []


def test_passing_a_role_needs_pass_role(enforcing: Server) -> None:
    """DG:create-service-policy: CreateJob is refused on the role if iam:PassRole is missing."""
    role = put_role(enforcing, "passed")
    command = {"Name": "pythonshell", "ScriptLocation": "s3://scripts/transfer.py", "PythonVersion": "3.9"}
    create = {"Action": "glue:CreateJob", "Resource": f"arn:aws:glue:us-east-1:{ACCOUNT}:job/dee*"}
    glue = user_client(enforcing, "dee", "glue", create)
    message = refused(glue.create_job, Name="dee1", Role=role, Command=command)[2]
    assert f"iam:PassRole on resource: {role}" in message
    only_glue = {"StringEquals": {"iam:PassedToService": "glue.amazonaws.com"}}
    allowed = user_client(
        enforcing, "eve", "glue", create, {"Action": "iam:PassRole", "Resource": role, "Condition": only_glue}
    )
    assert allowed.create_job(Name="dee2", Role=role, Command=command)["Name"] == "dee2"


def test_a_job_runs_as_its_role(enforcing: Server) -> None:
    """DG:create-service-policy: the script and what the job reads and writes need permissions of its role."""
    reads = {"Action": "s3:GetObject", "Resource": ["arn:aws:s3:::scripts/*", "arn:aws:s3:::lake/in/*"]}
    writes = {"Action": "s3:PutObject", "Resource": "arn:aws:s3:::lake/out/*"}
    role = put_role(enforcing, "copying", reads)
    failed = run_job(enforcing, "copying1", role)
    assert failed["JobRunState"] == "FAILED"
    assert (
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/copying/GlueJobRunnerSession is not authorized to perform: "
        "s3:PutObject"
    ) in failed["ErrorMessage"]
    put_policy(enforcing, "copying", reads, writes)
    done = run_job(enforcing, "copying2", "copying")
    assert done["JobRunState"] == "SUCCEEDED", done
    assert enforcing.client("s3").get_object(Bucket="lake", Key="out/result")["Body"].read() == b"1"
    printed = enforcing.client("logs").get_log_events(
        logGroupName="/aws-glue/python-jobs/output", logStreamName=done["Id"]
    )["events"]
    assert printed[0]["message"].strip() == f"arn:aws:sts::{ACCOUNT}:assumed-role/copying/GlueJobRunnerSession"


def test_a_job_whose_role_may_not_read_the_script_does_not_start(enforcing: Server) -> None:
    """Glue reads the script in the name of the job's role."""
    failed = run_job(enforcing, "unreadable", put_role(enforcing, "blind"))
    assert failed["JobRunState"] == "FAILED"
    assert 's3:GetObject on resource: "arn:aws:s3:::scripts/transfer.py"' in failed["ErrorMessage"]


def test_a_job_whose_role_does_not_trust_glue_does_not_start(enforcing: Server) -> None:
    """DG:create-service-policy: the role must trust glue.amazonaws.com."""
    trust = {"Statement": [{**TRUST["Statement"][0], "Principal": {"Service": "lambda.amazonaws.com"}}]}
    role = put_role(enforcing, "foreign", {"Action": "*", "Resource": "*"}, trust={**TRUST, **trust})
    failed = run_job(enforcing, "untrusted", role)
    assert failed["ErrorMessage"].endswith(
        f"Role {role} should be given assume role permissions for Glue Service."
    ), failed


def test_a_crawl_needs_its_roles_permissions(enforcing: Server) -> None:
    """DG:crawler-prereqs: the crawler's role reads the target and writes tables."""
    glue = enforcing.client("glue")
    glue.create_database(DatabaseInput={"Name": "found"})
    role = put_role(enforcing, "crawling", {"Action": "s3:*", "Resource": "*"})
    glue.create_crawler(
        Name="sees", Role=role, DatabaseName="found", Targets={"S3Targets": [{"Path": "s3://lake/in/"}]}
    )
    glue.start_crawler(Name="sees")

    def last() -> dict[str, Any] | None:
        crawler = glue.get_crawler(Name="sees")["Crawler"]
        return crawler.get("LastCrawl") if crawler["State"] == "READY" else None

    crawl = until(last)
    assert crawl["Status"] == "FAILED"
    assert "assumed-role/crawling/AWS-Crawler is not authorized to perform: glue:GetTable" in crawl["ErrorMessage"]


def test_queries_are_allowed_by_workgroup(enforcing: Server) -> None:
    """Service Authorization Reference, Athena: a query that is named by its id is checked on its workgroup."""
    admin = enforcing.client("athena")
    admin.create_work_group(Name="team")
    query = {"Name": "q", "Database": "d", "QueryString": "SELECT 1"}
    hidden = admin.create_named_query(**query)["NamedQueryId"]
    group = f"arn:aws:athena:us-east-1:{ACCOUNT}:workgroup/team"
    athena = user_client(enforcing, "hal", "athena", {"Action": "athena:*", "Resource": group})
    own = athena.create_named_query(**query, WorkGroup="team")["NamedQueryId"]
    assert athena.get_named_query(NamedQueryId=own)["NamedQuery"]["WorkGroup"] == "team"
    assert refused(athena.get_named_query, NamedQueryId=hidden) == (
        "AccessDeniedException",
        400,
        f"User: arn:aws:iam::{ACCOUNT}:user/hal is not authorized to perform: athena:GetNamedQuery on resource: "
        f"arn:aws:athena:us-east-1:{ACCOUNT}:workgroup/primary because no identity-based policy allows the "
        "athena:GetNamedQuery action",
    )
    assert refused(athena.start_query_execution, QueryString="SELECT 1")[0] == "AccessDeniedException"
    assert refused(athena.list_work_groups)[0] == "AccessDeniedException"


def test_state_machines_and_rules_are_allowed_by_name(enforcing: Server) -> None:
    """Service Authorization Reference, Step Functions and EventBridge; a role that is given needs iam:PassRole."""
    definition = json.dumps({"StartAt": "a", "States": {"a": {"Type": "Succeed"}}})
    role = f"arn:aws:iam::{ACCOUNT}:role/machines"
    allowed = {"Action": "states:*", "Resource": f"arn:aws:states:us-east-1:{ACCOUNT}:*:ida*"}
    states = user_client(enforcing, "ida", "stepfunctions", allowed)
    machine = {"name": "ida1", "definition": definition, "roleArn": role}
    assert f"iam:PassRole on resource: {role}" in refused(states.create_state_machine, **machine)[2]
    passing = {"Action": "iam:PassRole", "Resource": role}
    more = user_client(enforcing, "jo", "stepfunctions", allowed, passing)
    arn = more.create_state_machine(**machine)["stateMachineArn"]
    execution = states.start_execution(stateMachineArn=arn)["executionArn"]
    assert states.describe_execution(executionArn=execution)["stateMachineArn"] == arn
    denied = {**machine, "name": "other"}
    assert refused(more.create_state_machine, **denied)[:2] == ("AccessDeniedException", 400)
    rules = {"Action": "events:*", "Resource": f"arn:aws:events:us-east-1:{ACCOUNT}:rule/kim*"}
    events = user_client(enforcing, "kim", "events", rules)
    pattern = json.dumps({"source": ["shop"]})
    assert events.put_rule(Name="kim1", EventPattern=pattern)["RuleArn"].endswith("rule/kim1")
    assert refused(events.put_rule, Name="lee", EventPattern=pattern)[0] == "AccessDeniedException"
    entry = {"Source": "shop", "DetailType": "order", "Detail": "{}"}
    assert "event-bus/default" in refused(events.put_events, Entries=[entry])[2]


def test_an_unknown_condition_key_is_refused_by_name(enforcing: Server) -> None:
    """What cannot be evaluated is never ignored."""
    statement = {"Action": "glue:*", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/team": "a"}}}
    glue = user_client(enforcing, "fay", "glue", statement)
    assert "condition key 'aws:resourcetag/team' is not evaluated here" in refused(glue.list_jobs)[2]


def test_policies_are_enforced_after_a_restart(enforcing: Server) -> None:
    """IAM's requests are kept across restarts, and so is what they allow."""
    glue = user_client(enforcing, "gus", "glue", {"Action": "glue:ListJobs", "Resource": "*"})
    enforcing.stop()
    enforcing.start()
    again = boto3.client(
        "glue",
        endpoint_url=enforcing.url,
        region_name="us-east-1",
        aws_access_key_id=glue._request_signer._credentials.access_key,
        aws_secret_access_key=glue._request_signer._credentials.secret_key,
    )
    assert "copying1" in again.list_jobs()["JobNames"]
    assert refused(again.list_crawlers)[0] == "AccessDeniedException"


def test_roles_are_made_from_the_written_policies(enforcing: Server) -> None:
    """`glueprint policy --create-roles`: the roles exist then, with trust and permissions."""
    arguments = ["policy", "crawl_locations", "--role", "Making", "--create-roles"]
    arguments += ["--data-dir", str(enforcing.data_dir)]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        made = CliRunner().invoke(cli, arguments)
        again = CliRunner().invoke(cli, arguments)
    assert "created role Making: the role of the blueprint run (Making)" in made.output
    assert "updated role Making" in again.output
    role = enforcing.client("iam").get_role(RoleName="Making")["Role"]
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": "glue.amazonaws.com"}
    policy = enforcing.client("iam").get_role_policy(RoleName="Making", PolicyName="glueprint")["PolicyDocument"]
    assert any("glue:CreateWorkflow" in one["Action"] for one in policy["Statement"])
