"""The policies of `glueprint policy`, enforced: the blueprint runs with exactly them, and not with one less."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
from click.testing import CliRunner
from harness.local_server import ROLE, Server, until
from real_runs import SCRIPTS, RealRuns
from test_catalogue_compaction_runs import make_table
from test_catalogue_partitioning_runs import make_source

from glueprint.blueprint.archive import write_archive
from glueprint.blueprint.bundler import bundle
from glueprint.cli.main import cli

ROOT = Path(__file__).parents[2]
ACCOUNT = "123456789012"
ROLES = {"BlueprintRun": f"arn:aws:iam::{ACCOUNT}:role/Blueprints", "Jobs": f"arn:aws:iam::{ACCOUNT}:role/Etl"}
PARAMETERS = {
    "WorkflowName": "absent",
    "IAMRole": ROLES["Jobs"],
    "ScriptBucket": "scripts",
    "Location": "s3://landing/in/",
    "DestinationLocation": "s3://lake/out/",
    "DestinationDatabase": "sales",
    "DestinationTable": "orders",
    "OnMissing": "skip",
}
"""Without files, the first job (a Python shell job) ends the run: no Spark starts."""

pytestmark = pytest.mark.catalogue


@pytest.fixture(scope="module")
def enforcing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that enforces, with the buckets."""
    with Server(tmp_path_factory.mktemp("policies") / "data", "--enforce-iam") as server:
        for bucket in ("scripts", "landing", "lake", "zips"):
            server.client("s3").create_bucket(Bucket=bucket)
        yield server


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `glueprint policy` writes, by file."""
    folder = tmp_path_factory.mktemp("written")
    params = folder / "params.json"
    params.write_text(json.dumps(PARAMETERS))
    arguments = ["--params", str(params), "--role", ROLES["BlueprintRun"], "--publish", "s3://zips/", "--out"]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        result = CliRunner().invoke(cli, ["policy", "file_presence", *arguments, str(folder / "out")])
    assert result.exit_code == 0, result.output
    return {file.name: json.loads(file.read_text()) for file in (folder / "out").iterdir()}


def client(server: Server, user: str, service: str, document: Mapping[str, Any]) -> Any:
    """A client of a new user with this policy."""
    iam = server.client("iam")
    iam.create_user(UserName=user)
    iam.put_user_policy(UserName=user, PolicyName="own", PolicyDocument=json.dumps(document))
    key = iam.create_access_key(UserName=user)["AccessKey"]
    return boto3.client(
        service,
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )


def finished(glue: Any, run_id: str) -> dict[str, Any]:
    """The workflow run, once it is over."""

    def look() -> dict[str, Any] | None:
        run: dict[str, Any] = glue.get_workflow_run(Name="absent", RunId=run_id, IncludeGraph=True)["Run"]
        return run if run["Status"] in ("COMPLETED", "STOPPED", "ERROR") else None

    return until(look)


def failures(run: Mapping[str, Any]) -> list[str]:
    """Error messages of the job runs."""
    nodes = run["Graph"]["Nodes"]
    runs = [one for node in nodes for one in node.get("JobDetails", {}).get("JobRuns", ())]
    return [one["ErrorMessage"] for one in runs if "ErrorMessage" in one]


def test_a_blueprint_lives_with_exactly_the_written_policies(
    enforcing: Server, documents: Mapping[str, Any], tmp_path: Path
) -> None:
    """DG:blueprints-personas-permissions: administrator, analyst and roles do their work."""
    iam = enforcing.client("iam")
    for name, arn in ROLES.items():
        role, trust = arn.rpartition("/")[2], json.dumps(documents[f"{name}.trust.json"])
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust)
        iam.put_role_policy(
            RoleName=role, PolicyName="own", PolicyDocument=json.dumps(documents[f"{name}.policy.json"])
        )
    archive = write_archive(bundle(ROOT, "file_presence"))
    developer = client(enforcing, "developer", "s3", documents["Developer.policy.json"])
    developer.put_object(Bucket="zips", Key="file_presence.zip", Body=archive)
    administrator = client(enforcing, "administrator", "glue", documents["Administrator.policy.json"])
    administrator.create_blueprint(Name="file_presence", BlueprintLocation="s3://zips/file_presence.zip")
    until(lambda: administrator.get_blueprint(Name="file_presence")["Blueprint"]["Status"] == "ACTIVE" or None)
    analyst = client(enforcing, "analyst", "glue", documents["Analyst.policy.json"])
    made = analyst.start_blueprint_run(
        BlueprintName="file_presence", RoleArn=ROLES["BlueprintRun"], Parameters=json.dumps(PARAMETERS)
    )["RunId"]

    def created() -> bool | None:
        run = analyst.get_blueprint_run(BlueprintName="file_presence", RunId=made)["BlueprintRun"]
        assert run["State"] != "FAILED", run["ErrorMessage"]
        return run["State"] == "SUCCEEDED" or None

    until(created)
    run = finished(analyst, analyst.start_workflow_run(Name="absent")["RunId"])
    assert (run["Status"], failures(run)) == ("STOPPED", [])
    assert run["WorkflowRunProperties"]["file_presence"] == "false"

    # What the run called is recorded, allowed by the policy, and marks what it did not need.
    params = tmp_path / "params.json"
    params.write_text(json.dumps(PARAMETERS))
    arguments = ["--params", str(params), "--observe", run["WorkflowRunId"], "--only", "Jobs", "--format", "json"]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        result = CliRunner().invoke(
            cli, ["policy", "file_presence", *arguments, "--data-dir", str(enforcing.data_dir)]
        )
    assert result.exit_code == 0, result.output
    (jobs,) = json.loads(result.stdout)["Policies"]
    by_sid = {one["Sid"]: one for one in jobs["Policy"]["Statement"]}
    assert not [sid for sid in by_sid if sid.startswith("Observed")]
    unused = {action for sid in jobs["Unused"] for action in by_sid[sid]["Action"]}
    assert "s3:DeleteObject" in unused
    assert "glue:PutWorkflowRunProperties" not in unused


@pytest.mark.spark
def test_files_are_loaded_with_exactly_the_written_policies(
    enforcing: Server, documents: Mapping[str, Any]
) -> None:
    """Every job and the crawler: shell and Spark jobs call Glue and S3 with boto3 as the role of the jobs."""
    iam, s3, glue = enforcing.client("iam"), enforcing.client("s3"), enforcing.client("glue")
    policy = json.dumps(documents["Jobs.policy.json"])
    iam.put_role_policy(RoleName="Etl", PolicyName="own", PolicyDocument=policy)
    s3.put_object(Bucket="landing", Key="in/a.csv", Body=b"id,fare\n1,2.5\n2,0.25\n")
    run = finished(glue, glue.start_workflow_run(Name="absent")["RunId"])
    assert (run["Status"], failures(run)) == ("COMPLETED", [])
    assert glue.get_table(DatabaseName="sales", Name="orders")["Table"]["StorageDescriptor"]["Location"]
    s3.delete_object(Bucket="landing", Key="in/a.csv")


@pytest.mark.parametrize(
    ("removed", "refused"),
    [("s3:ListBucket", "s3:ListBucket"), ("glue:PutWorkflowRunProperties", "glue:PutWorkflowRunProperties")],
)
def test_without_one_statement_the_run_fails(
    enforcing: Server, documents: Mapping[str, Any], removed: str, refused: str
) -> None:
    """Each statement is needed: without it, AWS's refusal is the job's error."""
    document = documents["Jobs.policy.json"]
    left = [one for one in document["Statement"] if removed not in one["Action"]]
    assert len(left) < len(document["Statement"])
    iam, glue = enforcing.client("iam"), enforcing.client("glue")
    policy = json.dumps({**document, "Statement": left})
    iam.put_role_policy(RoleName="Etl", PolicyName="own", PolicyDocument=policy)
    run = finished(glue, glue.start_workflow_run(Name="absent")["RunId"])
    assert "assumed-role/Etl/GlueJobRunnerSession is not authorized to perform: " + refused in failures(run)[0]


@pytest.mark.spark
@pytest.mark.parametrize(
    ("blueprint", "parameters"),
    [
        ("compaction", {"Database": "rights", "Table": "orders", "ChangeForeignTable": True, "QuietMinutes": 0}),
        (
            "partitioning",
            {
                "Database": "rights_cut",
                "Table": "raw",
                "TimestampColumn": "at",
                "Granularity": "month",
                "DestinationLocation": "s3://rights-cut/out/",
                "DestinationTable": "cut",
            },
        ),
    ],
)
def test_written_policies_allow_what_runs_call(
    real: RealRuns, blueprint: str, parameters: Mapping[str, Any], tmp_path: Path
) -> None:
    """What a run on a server that does not enforce called is allowed by the policy from the source, except the
    files of a table: the Data Catalog knows where they are, and a note states it."""
    if blueprint == "compaction":
        make_table(real, "rights")
    else:
        make_source(real, "rights_cut")
    workflow = real.create(blueprint, **parameters)
    run = real.run(workflow)
    assert run.succeeded, run
    params = tmp_path / "params.json"
    params.write_text(
        json.dumps({"WorkflowName": workflow, "IAMRole": ROLE, "ScriptBucket": SCRIPTS, **parameters})
    )
    arguments = ["--params", str(params), "--observe", run.run_id, "--only", "Jobs", "--only", "BlueprintRun"]
    arguments += ["--format", "json", "--data-dir", str(real.server.data_dir)]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        result = CliRunner().invoke(cli, ["policy", blueprint, *arguments])
    assert result.exit_code == 0, result.output
    run_role, jobs = json.loads(result.stdout)["Policies"]
    assert not [one for one in run_role["Policy"]["Statement"] if one["Sid"].startswith("Observed")]
    added = [one for one in jobs["Policy"]["Statement"] if one["Sid"].startswith("Observed")]
    resources = [
        resource
        for one in added
        for resource in ([one["Resource"]] if isinstance(one["Resource"], str) else one["Resource"])
    ]
    table = "rights/orders/" if blueprint == "compaction" else "rights-cut/in/"
    assert resources
    for resource in resources:
        assert resource == f"arn:aws:s3:::{table.partition('/')[0]}" or f":::{table}" in resource, added
    assert any("takes a bucket from outside" in note for note in jobs["Notes"])
