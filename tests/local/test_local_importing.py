"""A workflow of another Glue (moto's server), imported by the command, runs on the local Glue."""

from __future__ import annotations

import json
from pathlib import Path

import boto3
from click.testing import CliRunner
from harness.local_server import ROLE, Server, job_states
from moto.server import ThreadedMotoServer

from glueprint.cli.main import cli

SCRIPT = b"""
import sys
from awsglue.utils import getResolvedOptions
print("imported, and run for", getResolvedOptions(sys.argv, ["day"])["day"])
"""
KEYS = {"aws_access_key_id": "x", "aws_secret_access_key": "x", "region_name": "us-east-1"}


def test_an_imported_workflow_runs(shared_server: Server, tmp_path: Path) -> None:
    """`glueprint import` reads a workflow from any endpoint and copies it into the local Glue, where it runs with
    its own script and arguments; as a project, it makes the same workflow and passes the check."""
    moto = ThreadedMotoServer(port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    url = f"http://{host}:{port}"
    s3, glue = (boto3.client(one, endpoint_url=url, **KEYS) for one in ("s3", "glue"))
    try:
        s3.create_bucket(Bucket="of-moto")
        s3.put_object(Bucket="of-moto", Key="etl/load.py", Body=SCRIPT)
        command = {"Name": "pythonshell", "ScriptLocation": "s3://of-moto/etl/load.py", "PythonVersion": "3.9"}
        for name in ("moto_load", "moto_report"):
            arguments = {"--day": f"2026-{name}"}
            glue.create_job(Name=name, Role=ROLE, Command=command, DefaultArguments=arguments)
        glue.create_workflow(Name="of_moto")
        actions = [{"JobName": "moto_load"}]
        glue.create_trigger(Name="moto_start", WorkflowName="of_moto", Type="ON_DEMAND", Actions=actions)
        condition = {"LogicalOperator": "EQUALS", "JobName": "moto_load", "State": "SUCCEEDED"}
        glue.create_trigger(
            Name="moto_then",
            WorkflowName="of_moto",
            Type="CONDITIONAL",
            StartOnCreation=True,
            Predicate={"Logical": "AND", "Conditions": [condition]},
            Actions=[{"JobName": "moto_report"}],
        )
        source = ["import", "of_moto", "--endpoint-url", url]
        done = CliRunner().invoke(cli, [*source, "--data-dir", str(shared_server.data_dir)])
        assert done.exit_code == 0, done.output
        assert "created job moto_load" in done.output
        again = CliRunner().invoke(cli, [*source, "--data-dir", str(shared_server.data_dir), "--json"])
        members = json.loads(again.stdout)
        assert (set(members), members["Created"]) == ({"Workflow", "Created", "Unchanged", "Notes"}, [])
        project = CliRunner().invoke(cli, [*source, "--project", str(tmp_path / "of_moto")])
        assert project.exit_code == 0, project.output
        assert "which makes the same workflow" in project.output
        checked = CliRunner().invoke(cli, ["check", str(tmp_path / "of_moto")])
        assert checked.exit_code == 0, checked.output
    finally:
        glue.close()
        s3.close()
        moto.stop()
    local = shared_server.client("glue")
    run = shared_server.finished_run("of_moto", local.start_workflow_run(Name="of_moto")["RunId"])
    assert job_states(run) == {"moto_load": ["SUCCEEDED"], "moto_report": ["SUCCEEDED"]}
    logs = shared_server.client("logs").filter_log_events(logGroupName="/aws-glue/python-jobs/output")
    printed = {event["message"].strip() for event in logs["events"]}
    assert {f"imported, and run for 2026-moto_{one}" for one in ("load", "report")} <= printed
