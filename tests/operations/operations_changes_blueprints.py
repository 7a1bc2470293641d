"""Changes to blueprints, and how they are read back."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from operations_changes_table import change_by, check_gone
from operations_harness import ROLE, Operations, until

_CONFIGURATION = '{"layoutGenerator": "%s.layout.generate_layout", "parameterSpec": {"Name": {"type": "String"}}}'
_LAYOUT = """
from awsglue.blueprint.job import Job
from awsglue.blueprint.workflow import Entities, Workflow


def generate_layout(user_params, system_params):
    command = {"Name": "pythonshell", "ScriptLocation": "s3://data/script.py", "PythonVersion": "3.9"}
    job = Job(Name=user_params["Name"], Role="arn:aws:iam::123456789012:role/glueprint", Command=command)
    return Workflow(Name=user_params["Name"], Entities=Entities(Jobs=[job]))
"""


def _blueprint(glue: Operations, name: str) -> str:
    """Register a blueprint that makes a workflow of one job; return the location of its zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(f"{name}/blueprint.cfg", _CONFIGURATION % name)
        archive.writestr(f"{name}/layout.py", _LAYOUT)
    location = glue.put(f"{name}.zip", buffer.getvalue())
    glue.call("CreateBlueprint", Name=name, BlueprintLocation=location)
    _until_active(glue, name)
    return location


def _until_active(glue: Operations, name: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = glue.call("GetBlueprint", Name=name)["Blueprint"]
        assert found["Status"] != "FAILED", found
        return found if found["Status"] == "ACTIVE" else None

    found: dict[str, Any] = until(look)
    return found


@change_by("CreateBlueprint")
def _create_blueprint(glue: Operations, name: str) -> Iterator[None]:
    location = _blueprint(glue, name)
    yield
    assert glue.call("GetBlueprint", Name=name)["Blueprint"]["BlueprintLocation"] == location


@change_by("UpdateBlueprint")
def _update_blueprint(glue: Operations, name: str) -> Iterator[None]:
    location = _blueprint(glue, name)
    glue.call("UpdateBlueprint", Name=name, BlueprintLocation=location, Description="after")
    yield
    assert _until_active(glue, name)["Description"] == "after"


@change_by("DeleteBlueprint")
def _delete_blueprint(glue: Operations, name: str) -> Iterator[None]:
    _blueprint(glue, name)
    glue.call("DeleteBlueprint", Name=name)
    yield
    check_gone(glue, "GetBlueprint", Name=name)


@change_by("StartBlueprintRun")
def _start_blueprint_run(glue: Operations, name: str) -> Iterator[None]:
    _blueprint(glue, name)
    given = f'{{"Name": "{name}"}}'
    run_id = glue.call("StartBlueprintRun", BlueprintName=name, Parameters=given, RoleArn=ROLE)["RunId"]
    yield

    def look() -> dict[str, Any] | None:
        run: dict[str, Any] = glue.call("GetBlueprintRun", BlueprintName=name, RunId=run_id)["BlueprintRun"]
        assert run["State"] in ("RUNNING", "SUCCEEDED"), run
        return run if run["State"] == "SUCCEEDED" else None

    assert until(look)["WorkflowName"] == name
