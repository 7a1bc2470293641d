"""Blueprint operator, sensor and branch operator in a real Airflow, against a real local Glue."""

from __future__ import annotations

import io
import json
import re
import time
import zipfile

import pytest
from airflow_glue import BUCKET, LOAD, LOOK, ROLE, GlueServer
from dag_folder import DagFolder

pytestmark = pytest.mark.airflow
LAYOUT = '''
from awsglue.blueprint.workflow import Workflow, Entities
from awsglue.blueprint.job import Job

def generate_layout(user_params, system_params):
    print("laying out", user_params["WorkflowName"])
    if user_params["Script"] == "impossible":
        raise ValueError("there is no script impossible in this shop")
    jobs = []
    for step in ("look", user_params["Script"]):
        location = "s3://BUCKET/shop/%s.py" % step
        command = {"Name": "pythonshell", "ScriptLocation": location, "PythonVersion": "3.9"}
        after = {"DependsOn": {jobs[-1]: "SUCCEEDED"}} if jobs else {}
        name = user_params["WorkflowName"] + "_" + step
        job = Job(Name=name, Role="ROLE", Command=command, MaxCapacity=0.0625, **after)
        jobs.append(job)
    return Workflow(Name=user_params["WorkflowName"], Entities=Entities(Jobs=jobs))
'''
TEXT = {"type": "String", "collection": False, "description": "A text."}


@pytest.fixture(scope="module")
def blueprint(glue_server: GlueServer) -> str:
    """A registered blueprint with two parameters."""
    s3, glue = glue_server.client("s3"), glue_server.client("glue")
    s3.create_bucket(Bucket=BUCKET)
    for name, script in {"look": LOOK, "load": LOAD}.items():
        s3.put_object(Bucket=BUCKET, Key=f"shop/{name}.py", Body=script.encode())
    config = {
        "layoutGenerator": "shop.layout.generate_layout",
        "parameterSpec": {"WorkflowName": TEXT, "Script": TEXT},
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("shop/blueprint.cfg", json.dumps(config))
        archive.writestr("shop/layout.py", LAYOUT.replace("BUCKET", BUCKET).replace("ROLE", ROLE))
    s3.put_object(Bucket=BUCKET, Key="shop.zip", Body=content.getvalue())
    glue.create_blueprint(Name="shop", BlueprintLocation=f"s3://{BUCKET}/shop.zip")
    for _ in range(300):
        time.sleep(0.1)
        status = glue.get_blueprint(Name="shop")["Blueprint"]["Status"]
        if status != "CREATING":
            assert status == "ACTIVE"
            return "shop"
    raise AssertionError("the blueprint is still CREATING")


def _environment(**given: str) -> dict[str, str]:
    return {"DEFERRABLE": "0", "IF_EXISTS": "fail", **given}


@pytest.mark.parametrize(
    ("deferrable", "mode", "tasks"),
    [
        ("0", "ok", {"ended": "success", "nothing_to_do": "skipped"}),
        pytest.param("1", "ok", {"ended": "success", "nothing_to_do": "skipped"}, marks=pytest.mark.long),
        ("1", "missing", {"ended": "skipped", "nothing_to_do": "success"}),
        ("0", "fail", {"ended": "failed", "nothing_to_do": "skipped"}),
    ],
)
def test_a_workflow_is_created_run_awaited_and_branched_on(
    dags: DagFolder, blueprint: str, deferrable: str, mode: str, tasks: dict[str, str]
) -> None:
    """The branch follows the marker in the run, before its end; the sensor fails with the run's reason."""
    conf = {"workflow": f"shop_{mode}_{deferrable}", "script": "load", "mode": mode}
    result = dags.run("pieces", conf=conf, environment=_environment(DEFERRABLE=deferrable))
    assert {name: result.tasks[name] for name in tasks} == tasks, result.output
    assert result.xcom_of("create") == conf["workflow"]
    assert result.xcom_of("found") == ("false" if mode == "missing" else "true")
    assert "[layout] laying out shop_" in result.output
    if mode == "fail":
        assert re.search(r"job shop_fail_0_load\S* FAILED: ValueError: column price is not", result.output)


@pytest.mark.long
def test_what_is_done_with_a_workflow_that_exists(
    dags: DagFolder, glue_server: GlueServer, blueprint: str
) -> None:
    """``fail`` names the remedy, ``keep`` runs no blueprint, ``replace`` makes a new one of the same name."""
    conf = {"workflow": "shop_again", "script": "load", "mode": "ok"}
    glue = glue_server.client("glue")

    def creator() -> str:
        return str(glue.get_workflow(Name="shop_again")["Workflow"]["BlueprintDetails"]["RunId"])

    assert dags.run("pieces", conf=conf, environment=_environment()).state == "success"
    first = creator()
    refused = dags.run("pieces", conf=conf, environment=_environment())
    assert refused.tasks["create"] == "failed"
    assert "workflow shop_again exists; use if_exists='keep' or 'replace', or delete it" in refused.output
    kept = dags.run("pieces", conf=conf, environment=_environment(IF_EXISTS="keep"))
    assert (kept.state, creator(), kept.xcom_of("create")) == ("success", first, "shop_again")
    replaced = dags.run("pieces", conf=conf, environment=_environment(IF_EXISTS="replace"))
    assert replaced.state == "success", replaced.output
    assert replaced.xcom_of("create", "blueprint_run_id") == creator() != first


def test_a_layout_that_fails_is_the_error(dags: DagFolder, glue_server: GlueServer, blueprint: str) -> None:
    """The task fails with the layout's message, and nothing is left of the workflow."""
    conf = {"workflow": "shop_impossible", "script": "impossible", "mode": "ok"}
    result = dags.run("pieces", conf=conf, environment=_environment())
    assert result.tasks["create"] == "failed"
    assert "there is no script impossible in this shop" in result.output
    assert "shop_impossible" not in glue_server.client("glue").list_workflows()["Workflows"]
