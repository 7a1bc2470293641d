"""Blueprints through the HTTP endpoint: registration, runs, and everything that can be wrong with them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError
from harness.local_server import ROLE, Server, until

from glueprint.blueprint.archive import write_archive

LAYOUT = """
from awsglue.blueprint.workflow import Workflow, Entities
from awsglue.blueprint.job import Job
from awsglue.blueprint.crawler import Crawler

def generate_layout(user_params, system_params):
    command = {"Name": "pythonshell", "ScriptLocation": "s3://zips/nothing.py", "PythonVersion": "3.9"}
    jobs = []
    for number in range(user_params["Jobs"]):
        depends = {"DependsOn": {jobs[-1]: "SUCCEEDED"}} if jobs else {}
        name = f"{user_params['Name']}_{number}"
        jobs.append(Job(Name=name, Role=user_params["Role"], Command=command, **depends))
    crawler = Crawler(
        Name=user_params["Name"] + "_crawl", Role=user_params["Role"], DatabaseName="db",
        Targets={"S3Targets": [{"Path": "s3://zips/"}]}, DependsOn={jobs[-1]: "SUCCEEDED"},
    )
    return Workflow(Name=user_params["Name"], Entities=Entities(Jobs=jobs, Crawlers=[crawler]))
"""
CONFIG = {
    "layoutGenerator": "made.layout.generate_layout",
    "parameterSpec": {
        "Name": {"type": "String"},
        "Role": {"type": "IAMRoleArn"},
        "Jobs": {"type": "Integer", "defaultValue": 2, "allowedValues": [1, 2, 3]},
    },
}


def _zip(layout: str = LAYOUT, config: Mapping[str, Any] | None = None) -> bytes:
    config = CONFIG if config is None else config
    return write_archive({"made/blueprint.cfg": json.dumps(config).encode(), "made/layout.py": layout.encode()})


def _registered(server: Server, name: str, data: bytes) -> dict[str, Any]:
    """The blueprint once its registration is over."""
    s3, glue = server.client("s3"), server.client("glue")
    s3.create_bucket(Bucket="zips")
    s3.put_object(Bucket="zips", Key=f"{name}/made.zip", Body=data)
    glue.create_blueprint(Name=name, BlueprintLocation=f"s3://zips/{name}/made.zip")

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = glue.get_blueprint(Name=name, IncludeParameterSpec=True)["Blueprint"]
        return found if found["Status"] not in ("CREATING", "UPDATING") else None

    found: dict[str, Any] = until(look)
    return found


def _ran(server: Server, name: str, **parameters: object) -> dict[str, Any]:
    """The blueprint run once it is over."""
    glue = server.client("glue")
    text = json.dumps({"Role": ROLE, **parameters})
    run_id = glue.start_blueprint_run(BlueprintName=name, RoleArn=ROLE, Parameters=text)["RunId"]

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = glue.get_blueprint_run(BlueprintName=name, RunId=run_id)["BlueprintRun"]
        return found if found["State"] not in ("RUNNING", "ROLLING_BACK") else None

    found: dict[str, Any] = until(look)
    return found


def _everything(server: Server) -> dict[str, set[str]]:
    glue = server.client("glue")
    return {
        "workflows": set(glue.list_workflows()["Workflows"]),
        "jobs": set(glue.list_jobs()["JobNames"]),
        "crawlers": set(glue.list_crawlers()["CrawlerNames"]),
        "triggers": set(glue.list_triggers()["TriggerNames"]),
    }


def test_a_blueprint_becomes_a_workflow_with_all_its_parts(shared_server: Server) -> None:
    """StartBlueprintRun makes workflow, jobs, crawlers and triggers as the layout says (DG: blueprint classes)."""
    blueprint = _registered(shared_server, "whole", _zip())
    assert blueprint["Status"] == "ACTIVE", blueprint.get("ErrorMessage")
    assert json.loads(blueprint["ParameterSpec"])["Jobs"] == {
        "type": "Integer",
        "collection": None,
        "description": None,
        "defaultValue": 2,
        "allowedValues": [1, 2, 3],
    }
    run = _ran(shared_server, "whole", Name="wholeflow")
    assert (run["State"], run["WorkflowName"]) == ("SUCCEEDED", "wholeflow"), run
    glue = shared_server.client("glue")
    workflow = glue.get_workflow(Name="wholeflow", IncludeGraph=True)["Workflow"]
    assert workflow["BlueprintDetails"] == {"BlueprintName": "whole", "RunId": run["RunId"]}
    kinds = sorted(node["Type"] for node in workflow["Graph"]["Nodes"])
    assert kinds == ["CRAWLER", "JOB", "JOB", "TRIGGER", "TRIGGER", "TRIGGER"]
    assert len(workflow["Graph"]["Edges"]) == 5


def test_wrong_parameters_are_refused_all_at_once(shared_server: Server) -> None:
    """Wrong parameters: InvalidInputException listing them all."""
    _registered(shared_server, "picky", _zip())
    glue = shared_server.client("glue")
    wrong = json.dumps({"Role": "not-an-arn", "Jobs": 9, "Nme": "typo"})
    with pytest.raises(ClientError) as refused:
        glue.start_blueprint_run(BlueprintName="picky", RoleArn=ROLE, Parameters=wrong)
    error = refused.value.response["Error"]
    assert error["Code"] == "InvalidInputException"
    for parameter in ("Role", "Jobs", "Nme", "Name"):
        assert parameter in error["Message"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"not a zip file", "not a zip"),
        (write_archive({"made/readme": b""}), "blueprint.cfg"),
        (write_archive({"made/blueprint.cfg": b"{"}), "blueprint.cfg"),
        (_zip(config={"layoutGenerator": 3, "parameterSpec": {"A": {"type": "Text"}}}), "layoutGenerator"),
    ],
    ids=["no zip", "no config", "broken config", "wrong config"],
)
def test_a_bad_zip_ends_failed_with_a_reason(shared_server: Server, data: bytes, words: str) -> None:
    """A file that is not a zip, or a zip without a usable config, makes the blueprint FAILED with a message."""
    name = "bad_" + "".join(letter for letter in words if letter.isalpha()) + str(len(data))
    blueprint = _registered(shared_server, name, data)
    assert blueprint["Status"] == "FAILED"
    assert words in blueprint["ErrorMessage"]
    with pytest.raises(ClientError) as refused:
        shared_server.client("glue").start_blueprint_run(BlueprintName=name, RoleArn=ROLE, Parameters="{}")
    assert refused.value.response["Error"]["Code"] == "IllegalBlueprintStateException"


def test_an_escaping_member_is_refused(shared_server: Server) -> None:
    """A member named ``../x`` fails the registration (archives)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("made/blueprint.cfg", "{}")
        archive.writestr("../escaped", "x")
    blueprint = _registered(shared_server, "escaping", buffer.getvalue())
    assert blueprint["Status"] == "FAILED"
    assert "../escaped" in blueprint["ErrorMessage"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("raise ValueError('the bucket is missing')", "ValueError: the bucket is missing"),
        ("import sys\n    sys.exit(3)", "SystemExit"),
        ("return 7", "Workflow"),
        ("import pyspark", "No module named 'pyspark'"),
    ],
    ids=["raises", "exits", "returns the wrong thing", "imports pyspark"],
)
def test_a_layout_that_fails_leaves_nothing(shared_server: Server, body: str, words: str) -> None:
    """A layout's own failure is the ErrorMessage, in AWS's words; nothing is made (troubleshooting)."""
    name = "layout_" + "".join(letter for letter in words if letter.isalnum())[:20]
    layout = f"def generate_layout(user_params, system_params):\n    {body}\n"
    assert _registered(shared_server, name, _zip(layout))["Status"] == "ACTIVE"
    before = _everything(shared_server)
    run = _ran(shared_server, name, Name="never")
    assert run["State"] == "FAILED"
    assert "Unknown error executing layout generator function" in run["ErrorMessage"]
    assert words in run["ErrorMessage"]
    assert _everything(shared_server) == before


BROKEN = {
    "workflow": "made.Name = 'clash workflow taken'",
    "crawler": "crawler.Targets = {'S3Targets': [{'Path': 's3://no-such-bucket/'}]}",
    "job 0": "jobs[0].WorkerType = 'G.1X'",
    "job 1": "jobs[1].WorkerType = 'G.1X'",
    "crawler's trigger": "crawler.DependsOn = {jobs[0]: 'RUNNING'}",
    "job's trigger": "jobs[1].DependsOn = {jobs[0]: 'RUNNING'}",
    "starting trigger": "made.Name = 'clash trigger taken'",
}
"""In the order of creation; each passes the service model and is refused by the Create call itself."""


@pytest.mark.parametrize("part", BROKEN)
def test_a_create_that_fails_undoes_all_of_them(shared_server: Server, part: str) -> None:
    """Rollback, with each of the Create calls failing in turn: nothing half-made is left."""
    glue = shared_server.client("glue")
    if part == "workflow":
        glue.create_workflow(Name="clash workflow taken")
    if part == "starting trigger":
        shared_server.put_job("clash_job", "print('unused')")
        trigger = "clash trigger taken_starting_trigger"
        glue.create_trigger(Name=trigger, Type="ON_DEMAND", Actions=[{"JobName": "clash_job"}])
    name = "clash_" + "".join(letter for letter in part if letter.isalnum())
    layout = LAYOUT.replace("    return Workflow(", "    made = Workflow(")
    layout += f"    {BROKEN[part]}\n    return made\n"
    assert _registered(shared_server, name, _zip(layout))["Status"] == "ACTIVE"
    before = _everything(shared_server)
    run = _ran(shared_server, name, Name=name)
    assert run["State"] == "FAILED", run
    assert "Exception: " in run["ErrorMessage"]
    assert "WorkflowName" not in run
    assert _everything(shared_server) == before


def test_the_last_good_version_runs_after_a_failed_update(shared_server: Server) -> None:
    """After a failed update, runs use the last version that was ACTIVE (DG: updating_blueprints)."""
    glue, s3 = shared_server.client("glue"), shared_server.client("s3")
    _registered(shared_server, "updated", _zip())
    s3.put_object(Bucket="zips", Key="updated/made.zip", Body=b"broken")
    glue.update_blueprint(Name="updated", BlueprintLocation="s3://zips/updated/made.zip")
    until(lambda: glue.get_blueprint(Name="updated")["Blueprint"]["Status"] == "FAILED" or None)
    run = _ran(shared_server, "updated", Name="afterupdate")
    assert (run["State"], run["WorkflowName"]) == ("SUCCEEDED", "afterupdate")
