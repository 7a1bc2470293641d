"""Workflows run natively and as their exports, on a real server with real jobs: make stepfunctions."""

from __future__ import annotations

import itertools
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from harness.local_server import ROLE, Server, until
from harness.state_machine_calls import ended

from glueprint.cli.main import cli

pytestmark = pytest.mark.stepfunctions

SCRIPTS = {
    "ok": "print('ok')\n",
    "bad": "raise SystemExit('broken')\n",
    "slow": "import time\ntime.sleep(1)\n",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all."""
    with Server(tmp_path_factory.mktemp("export") / "data") as server:
        yield server


def make(server: Server, name: str, jobs: dict[str, str], *triggers: tuple[Any, ...], start: list[str]) -> None:
    """Create a workflow; a trigger is a logical operator, its conditions and what it starts."""
    glue = server.client("glue")
    glue.create_workflow(Name=name)
    for job, script in jobs.items():
        server.put_job(f"{name}-{job}", SCRIPTS[script], MaxRetries=0, Timeout=5)
    actions = [{"JobName": f"{name}-{job}"} for job in start]
    glue.create_trigger(Name=f"{name}-begin", WorkflowName=name, Type="ON_DEMAND", Actions=actions)
    for number, (logical, conditions, started) in enumerate(triggers):
        glue.create_trigger(
            Name=f"{name}-{number}",
            WorkflowName=name,
            Type="CONDITIONAL",
            StartOnCreation=True,
            Actions=[
                {"CrawlerName": one[1:]} if one.startswith("@") else {"JobName": f"{name}-{one}"}
                for one in started
            ],
            Predicate={
                "Logical": logical,
                "Conditions": [
                    {"LogicalOperator": "EQUALS", "JobName": f"{name}-{job}", "State": state}
                    for job, state in conditions
                ],
            },
        )


def natively(server: Server, name: str) -> dict[str, str]:
    """The states of the nodes of a run."""
    run = server.client("glue").start_workflow_run(Name=name)["RunId"]
    found = {}
    for node in server.finished_run(name, run)["Graph"]["Nodes"]:
        for one in node.get("JobDetails", {}).get("JobRuns", []):
            found[node["Name"]] = one["JobRunState"]
        for one in node.get("CrawlerDetails", {}).get("Crawls", []):
            found[node["Name"]] = one["State"]
    return found


def export(server: Server, name: str, *options: str) -> dict[str, Any]:
    """What the command prints as JSON."""
    command = [
        "export",
        name,
        "--data-dir",
        str(server.data_dir),
        "--to",
        "stepfunctions",
        "--poll",
        "1",
        "--json",
    ]
    done = CliRunner().invoke(cli, [*command, *options])
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def start(server: Server, name: str) -> str:
    """Create the exported state machine and start it; the execution's ARN."""
    client = server.client("stepfunctions")
    exported = export(server, name)
    machine = client.create_state_machine(
        name=name,
        definition=json.dumps(exported["Definition"]),
        roleArn=ROLE,
        loggingConfiguration=exported["Logging"],
    )
    arn: str = client.start_execution(stateMachineArn=machine["stateMachineArn"])["executionArn"]
    return arn


def nodes_of(execution: dict[str, Any]) -> dict[str, str]:
    """The states of the nodes of an execution."""
    nodes = execution["data"]["nodes"] if execution["status"] == "SUCCEEDED" else json.loads(execution["cause"])
    return {name: entry["State"] for name, entry in nodes.items()}


def test_exports_end_as_their_workflows(server: Server) -> None:
    """Forks, joins, failure branches and a crawler: the same nodes run, and end in the same states."""
    s3 = server.client("s3")
    s3.create_bucket(Bucket="lake")
    s3.put_object(Bucket="lake", Key="t/a.csv", Body=b"id\n1\n")
    glue = server.client("glue")
    glue.create_database(DatabaseInput={"Name": "db"})
    glue.create_crawler(
        Name="crawl", Role=ROLE, DatabaseName="db", Targets={"S3Targets": [{"Path": "s3://lake/t/"}]}
    )
    ok = "SUCCEEDED"
    jobs = {"a": "ok", "b": "slow", "c": "ok", "d": "ok"}
    make(
        server,
        "diamond",
        jobs,
        ("AND", [("a", ok)], ["b", "@crawl"]),
        ("AND", [("a", ok), ("b", ok)], ["c"]),
        ("ANY", [("b", "FAILED"), ("c", ok)], ["d"]),
        start=["a"],
    )
    make(
        server,
        "broken",
        {"a": "bad", "b": "ok", "c": "ok", "clean": "ok"},
        ("AND", [("a", ok), ("b", ok)], ["c"]),
        ("AND", [("a", "FAILED")], ["clean"]),
        start=["a", "b"],
    )
    for name, states in (
        ("diamond", {**{f"diamond-{job}": ok for job in jobs}, "crawl": ok}),
        ("broken", {"broken-a": "FAILED", "broken-b": ok, "broken-clean": ok}),
    ):
        native = natively(server, name)
        execution = ended(server, start(server, name))
        assert nodes_of(execution) == native == states
        assert execution["status"] == ("SUCCEEDED" if name == "diamond" else "FAILED")


def test_kills_of_the_server_double_no_job(tmp_path: Path) -> None:
    """An exported chain goes on through kills at random times: each job runs once, and the execution succeeds."""
    with Server(tmp_path / "data") as server:
        names = [f"j{number}" for number in range(4)]
        chain = [("AND", [(before, "SUCCEEDED")], [after]) for before, after in itertools.pairwise(names)]
        make(server, "chain", dict.fromkeys(names, "slow"), *chain, start=["j0"])
        execution = start(server, "chain")
        client = server.client("stepfunctions")
        chance = random.Random(20261130)
        for _ in range(5):
            time.sleep(chance.uniform(0.1, 1.5))
            server.kill()
            server.start()
            client = server.client("stepfunctions")
            if client.describe_execution(executionArn=execution)["status"] != "RUNNING":
                break
        found = until(
            lambda: (
                client.describe_execution(executionArn=execution)
                if client.describe_execution(executionArn=execution)["status"] != "RUNNING"
                else None
            )
        )
        assert found["status"] == "SUCCEEDED", found
        glue = server.client("glue")
        for name in names:
            runs = glue.get_job_runs(JobName=f"chain-{name}")["JobRuns"]
            assert [run["JobRunState"] for run in runs] == ["SUCCEEDED"]


def test_run_properties_are_handed_over(server: Server, tmp_path: Path) -> None:
    """Scripts that use the run's properties are named; with --run-properties they get them as an argument, or as
    an object in S3."""
    glue = server.client("glue")
    reads = (
        "import json, sys\n"
        "# was: get_workflow_run_properties\n"
        "args = dict(zip(sys.argv[1::2], sys.argv[2::2]))\n"
        "if '--WORKFLOW_RUN_PROPERTIES_S3' not in args:\n"
        "    assert json.loads(args['--WORKFLOW_RUN_PROPERTIES']) == {'day': '2', 'kind': \"it's\"}, args\n"
    )
    server.put_job("reader", reads, Timeout=5)
    glue.create_workflow(Name="props", DefaultRunProperties={"day": "1", "kind": "it's"})
    glue.create_trigger(
        Name="props-begin", WorkflowName="props", Type="ON_DEMAND", Actions=[{"JobName": "reader"}]
    )
    command = ["export", "props", "--data-dir", str(server.data_dir), "--to", "stepfunctions"]
    refused = CliRunner().invoke(cli, command)
    assert refused.exit_code == 1
    assert "the script of job reader reads the workflow run" in refused.output
    client = server.client("stepfunctions")
    server.client("s3").create_bucket(Bucket="run-props")
    for number, option in enumerate(("arguments", "s3://run-props/runs/")):
        exported = export(server, "props", "--run-properties", option)
        machine = client.create_state_machine(
            name=f"props-{number}", definition=json.dumps(exported["Definition"]), roleArn=ROLE
        )["stateMachineArn"]
        data = json.dumps({"properties": {"day": "2"}})
        execution = client.start_execution(stateMachineArn=machine, name="first", input=data)["executionArn"]
        found = ended(server, execution)
        if option == "arguments":
            assert found["status"] == "SUCCEEDED", found
        else:
            stored = server.client("s3").get_object(Bucket="run-props", Key="runs/first.json")["Body"].read()
            assert json.loads(stored) == {"day": "2", "kind": "it's"}
            run = glue.get_job_runs(JobName="reader")["JobRuns"][0]
            assert run["Arguments"] == {"--WORKFLOW_RUN_PROPERTIES_S3": "s3://run-props/runs/first.json"}


def test_files_are_written_and_faults_have_one_message(server: Server, tmp_path: Path) -> None:
    """--out writes definition, role and logging of a state machine, or a DAG; wrong input is one clear error."""
    make(server, "files", {"a": "ok", "b": "ok"}, ("AND", [("a", "SUCCEEDED")], ["b"]), start=["a"])
    server.client("glue").update_workflow(Name="files", MaxConcurrentRuns=1)

    def export_files(*arguments: str) -> Any:
        return CliRunner().invoke(cli, ["export", "--data-dir", str(server.data_dir), *arguments])

    written = export_files("files", "--to", "stepfunctions", "--out", str(tmp_path / "out"))
    assert written.exit_code == 0, written.output
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == [
        "files.asl.json",
        "files.logging.json",
        "files.policy.json",
        "files.trust.json",
    ]
    policy = json.loads((tmp_path / "out" / "files.policy.json").read_text())
    assert policy["Statement"][0]["Resource"] == [
        "arn:aws:glue:us-east-1:123456789012:job/files-a",
        "arn:aws:glue:us-east-1:123456789012:job/files-b",
    ]
    assert "differs: MaxConcurrentRuns 1" in written.stderr
    dag = export_files("files", "--to", "airflow")
    compile(dag.stdout, "dag.py", "exec")
    for arguments, code, words in (
        (("files", "--to", "stepfunctions", "--strict"), 1, "--strict is given"),
        (("nothing-like-it", "--to", "airflow"), 1, "there is no workflow"),
        (("files", "--to", "stepfunctions", "--run-properties", "bucket"), 2, "takes arguments or s3://"),
        (("files", "--to", "airflow", "--run-properties", "s3://b-c-d/x"), 1, "S3 object are for Step Functions"),
    ):
        refused = export_files(*arguments)
        assert (refused.exit_code, words in refused.output) == (code, True), refused.output
