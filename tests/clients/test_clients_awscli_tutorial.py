"""Amazon's walk through blueprints and workflows, typed into the AWS CLI.

The order of commands is that of the developer guide: "Registering a blueprint", "Updating a blueprint", "Creating
and building out a workflow manually", "Running and monitoring a workflow", "Stopping a workflow run", "Repairing
and resuming a workflow run", "Getting and setting workflow run properties".
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from clients_awscli import AWS, MISSING, AwsCli
from harness.local_server import FINAL_RUN, ROLE, Server, until

from glueprint.blueprint.archive import write_archive

pytestmark = [pytest.mark.clients, pytest.mark.skipif(not AWS.exists(), reason=MISSING)]

LAYOUT = """
from awsglue.blueprint.workflow import Workflow, Entities
from awsglue.blueprint.job import Job

def generate_layout(user_params, system_params):
    command = {"Name": "pythonshell", "ScriptLocation": user_params["Script"], "PythonVersion": "3.9"}
    made = {"Role": user_params["PassRole"], "Command": command}
    etl = Job(Name=user_params["WorkflowName"] + "_etl", **made)
    after = Job(Name=user_params["WorkflowName"] + "_after", DependsOn={etl: "SUCCEEDED"}, **made)
    return Workflow(Name=user_params["WorkflowName"], Entities=Entities(Jobs=[etl, after]))
"""
SPEC = {
    "WorkflowName": {"type": "String", "description": "Name of the workflow"},
    "Script": {"type": "S3Uri", "description": "What the jobs run"},
    "PassRole": {"type": "IAMRoleArn", "description": "Role of the jobs"},
}
REPAIRED = """
import sys
import boto3
names = dict(zip(sys.argv[1::2], sys.argv[2::2]))
run = {"Name": names["--WORKFLOW_NAME"], "RunId": names["--WORKFLOW_RUN_ID"]}
glue = boto3.client("glue")
if glue.get_workflow_run_properties(**run)["RunProperties"].get("repaired") != "yes":
    sys.exit("not repaired yet")
glue.put_workflow_run_properties(**run, RunProperties={"seen": "yes"})
"""


@pytest.fixture
def aws(clients_server: Server, tmp_path: Path) -> AwsCli:
    return AwsCli(clients_server, tmp_path)


def _upload(aws: AwsCli, folder: Path, name: str, data: bytes) -> str:
    (folder / name).write_bytes(data)
    location = f"s3://tutorial/{name}"
    aws.run("s3", "cp", folder / name, location)
    return location


def _zipped(spec: dict[str, Any]) -> bytes:
    config = {"layoutGenerator": "tutorial.layout.generate_layout", "parameterSpec": spec}
    return write_archive(
        {"tutorial/blueprint.cfg": json.dumps(config).encode(), "tutorial/layout.py": LAYOUT.encode()}
    )


def _active_blueprint(aws: AwsCli) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = aws.ask("glue", "get-blueprint", "--name", "tutorial", "--include-parameter-spec")
        return found["Blueprint"] if found["Blueprint"]["Status"] not in ("CREATING", "UPDATING") else None

    found: dict[str, Any] = until(look)
    assert found["Status"] == "ACTIVE", found
    return found


def _over(aws: AwsCli, name: str, run_id: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        request = ("get-workflow-run", "--name", name, "--run-id", run_id, "--include-graph")
        run: dict[str, Any] = aws.ask("glue", *request)["Run"]
        return run if run["Status"] in FINAL_RUN else None

    found: dict[str, Any] = until(look)
    return found


def _node(run: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(node for node in run["Graph"]["Nodes"] if node["Name"] == name)
    return found


def test_blueprints(aws: AwsCli, tmp_path: Path) -> None:
    """Register, look, run, look at the run and its workflow, update, list, tag, delete (developer guide)."""
    aws.run("s3", "mb", "s3://tutorial")
    script = _upload(aws, tmp_path, "hello.py", b"print('hello')\n")
    location = _upload(aws, tmp_path, "tutorial.zip", _zipped(SPEC))
    blueprint = ("--name", "tutorial", "--blueprint-location", location)
    made = aws.ask("glue", "create-blueprint", *blueprint, "--description", "First", "--tags", "team=data")
    assert made == {"Name": "tutorial"}
    assert set(json.loads(_active_blueprint(aws)["ParameterSpec"])) == set(SPEC)
    assert "AlreadyExistsException" in aws.refused("glue", "create-blueprint", *blueprint)

    parameters = json.dumps({"WorkflowName": "made", "Script": script, "PassRole": ROLE})
    (tmp_path / "parameters.json").write_text(parameters)
    start = ("--blueprint-name", "tutorial", "--role-arn", ROLE, "--parameters")
    run_id = aws.ask("glue", "start-blueprint-run", *start, f"file://{tmp_path}/parameters.json")["RunId"]
    one = ("glue", "get-blueprint-run", "--blueprint-name", "tutorial", "--run-id", run_id)

    def look() -> dict[str, Any] | None:
        run: dict[str, Any] = aws.ask(*one)["BlueprintRun"]
        return run if run["State"] not in ("RUNNING", "ROLLING_BACK") else None

    assert until(look)["State"] == "SUCCEEDED"
    runs = aws.ask("glue", "get-blueprint-runs", "--blueprint-name", "tutorial")["BlueprintRuns"]
    assert [run["WorkflowName"] for run in runs] == ["made"]
    assert "InvalidInputException" in aws.refused("glue", "start-blueprint-run", *start, "{}")

    workflow = aws.ask("glue", "get-workflow", "--name", "made", "--include-graph")["Workflow"]
    assert workflow["BlueprintDetails"] == {"BlueprintName": "tutorial", "RunId": run_id}
    jobs = sorted(node["Name"] for node in workflow["Graph"]["Nodes"] if node["Type"] == "JOB")
    assert [name.rpartition("_")[0] for name in jobs] == ["made_after", "made_etl"]
    started = aws.ask("glue", "start-workflow-run", "--name", "made")["RunId"]
    assert _over(aws, "made", started)["Statistics"]["SucceededActions"] == 2

    _upload(aws, tmp_path, "tutorial.zip", _zipped({**SPEC, "More": {"type": "Integer", "defaultValue": 1}}))
    aws.ask("glue", "update-blueprint", *blueprint, "--description", "Second")
    assert "More" in json.loads(_active_blueprint(aws)["ParameterSpec"])
    assert aws.ask("glue", "list-blueprints", "--tags", "team=data")["Blueprints"] == ["tutorial"]
    assert aws.ask("glue", "batch-get-blueprints", "--names", "tutorial", "none")["MissingBlueprints"] == ["none"]
    aws.ask("glue", "delete-blueprint", "--name", "tutorial")
    assert "EntityNotFoundException" in aws.refused("glue", "get-blueprint", "--name", "tutorial")


def test_workflows(aws: AwsCli, tmp_path: Path) -> None:
    """Build by hand, run, set properties, repair, resume, stop, delete (developer guide)."""
    aws.run("s3", "mb", "s3://tutorial")
    repaired = _upload(aws, tmp_path, "repaired.py", REPAIRED.encode())
    sleeping = _upload(aws, tmp_path, "sleeping.py", b"import time\ntime.sleep(600)\n")
    hello = _upload(aws, tmp_path, "hello.py", b"print('hello')\n")
    for name, script in (("first", hello), ("second", repaired), ("sleeper", sleeping)):
        command = f"Name=pythonshell,ScriptLocation={script},PythonVersion=3.9"
        aws.ask("glue", "create-job", "--name", f"tutorial_{name}", "--role", ROLE, "--command", command)

    properties = "repaired=no,target=here"
    flow = ("--name", "tutorial_flow", "--default-run-properties", properties)
    assert aws.ask("glue", "create-workflow", *flow, "--max-concurrent-runs", 1) == {"Name": "tutorial_flow"}
    trigger = ("glue", "create-trigger", "--workflow-name", "tutorial_flow", "--name")
    aws.ask(*trigger, "tutorial_start", "--type", "ON_DEMAND", "--actions", "JobName=tutorial_first")
    condition = "Logical=ANY,Conditions=[{LogicalOperator=EQUALS,JobName=tutorial_first,State=SUCCEEDED}]"
    conditional = ("--type", "CONDITIONAL", "--start-on-creation", "--predicate", condition)
    aws.ask(*trigger, "tutorial_then", *conditional, "--actions", "JobName=tutorial_second")
    assert aws.ask("glue", "get-trigger", "--name", "tutorial_then")["Trigger"]["State"] == "ACTIVATED"
    assert "tutorial_flow" in aws.ask("glue", "list-workflows")["Workflows"]

    first = aws.ask("glue", "start-workflow-run", "--name", "tutorial_flow")["RunId"]
    run = _over(aws, "tutorial_flow", first)
    assert (run["Status"], run["Statistics"]["FailedActions"]) == ("COMPLETED", 1)
    this_run = ("--name", "tutorial_flow", "--run-id", first)
    expected = aws.ask("glue", "get-workflow-run-properties", *this_run)["RunProperties"]
    assert expected == {"repaired": "no", "target": "here"}
    aws.ask("glue", "put-workflow-run-properties", *this_run, "--run-properties", "repaired=yes")

    failed = _node(run, "tutorial_second")["UniqueId"]
    resumed = aws.ask("glue", "resume-workflow-run", *this_run, "--node-ids", failed)
    assert resumed["NodeIds"] == [failed]
    again = _over(aws, "tutorial_flow", resumed["RunId"])
    assert (again["PreviousRunId"], again["Statistics"]["FailedActions"]) == (first, 0)
    seen = aws.ask("glue", "get-workflow-run-properties", "--name", "tutorial_flow", "--run-id", resumed["RunId"])
    assert seen["RunProperties"]["seen"] == "yes"

    aws.ask(
        "glue",
        "update-trigger",
        "--name",
        "tutorial_start",
        "--trigger-update",
        "Actions=[{JobName=tutorial_sleeper}]",
    )
    running = aws.ask("glue", "start-workflow-run", "--name", "tutorial_flow")["RunId"]
    excess = aws.refused("glue", "start-workflow-run", "--name", "tutorial_flow")
    assert "ConcurrentRunsExceededException" in excess
    aws.ask("glue", "stop-workflow-run", "--name", "tutorial_flow", "--run-id", running)
    assert _over(aws, "tutorial_flow", running)["Status"] == "STOPPED"
    runs = aws.ask("glue", "get-workflow-runs", "--name", "tutorial_flow")["Runs"]
    assert [one["WorkflowRunId"] for one in runs] == [running, resumed["RunId"], first]

    aws.ask("glue", "delete-workflow", "--name", "tutorial_flow")
    for name in ("tutorial_start", "tutorial_then"):
        aws.ask("glue", "delete-trigger", "--name", name)
    for name in ("first", "second", "sleeper"):
        aws.ask("glue", "delete-job", "--job-name", f"tutorial_{name}")
    assert "EntityNotFoundException" in aws.refused("glue", "get-workflow", "--name", "tutorial_flow")
