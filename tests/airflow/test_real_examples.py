"""The example DAGs in a real Airflow, with a real OpenSSH server and real Glue jobs: each outcome of each."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pytest
from airflow_glue import ROLE, GlueServer
from dag_folder import DagFolder
from ssh_host import SshHost

from glueprint.airflow.dag_runs import DagResult, DagRunner

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(600)]
ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "airflow"
LAKE = "orders-lake"
EMPTY, BAD = "2026-05-03", "2026-05-04"
FIRST, DEFERRED, NOTIFIED, QUERIED = "2026-05-01", "2026-05-02", "2026-05-05", "2026-05-08"
BACKFILLED = ("2026-05-06", "2026-05-07")
ROWS = dict.fromkeys((FIRST, DEFERRED, NOTIFIED, *BACKFILLED), 2) | {BAD: 1, QUERIED: 3}
"""Rows of each day with a file. One row is fewer than MinimumRows: that load fails."""


@pytest.fixture(scope="module")
def ssh_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshHost]:
    """The host of the connection warehouse_host."""
    with SshHost(tmp_path_factory.mktemp("ssh")) as host:
        yield host


@pytest.fixture(scope="module")
def lake(glue_server: GlueServer, tmp_path_factory: pytest.TempPathFactory) -> GlueServer:
    """The files of some days, the job of the first example and the blueprint of the others."""
    s3, glue = glue_server.client("s3"), glue_server.client("glue")
    s3.create_bucket(Bucket=LAKE)
    for day, rows in ROWS.items():
        lines = ["order_id,price,day", *(f"{number},10.5,{day}" for number in range(rows))]
        s3.put_object(Bucket=LAKE, Key=f"orders/{day}/shop.csv", Body="\n".join([*lines, ""]).encode())
    s3.put_object(Bucket=LAKE, Key="scripts/look.py", Body=(EXAMPLES / "look_for_orders.py").read_bytes())
    command = {"Name": "pythonshell", "ScriptLocation": f"s3://{LAKE}/scripts/look.py", "PythonVersion": "3.9"}
    glue.create_job(Name="look_for_orders", Role=ROLE, Command=command, MaxCapacity=0.0625)
    out = tmp_path_factory.mktemp("dist")
    glueprint = [glue_server.python, "-m", "glueprint.cli"]
    subprocess.run([*glueprint, "build", "file_presence", "--out", str(out)], check=True, cwd=ROOT)
    s3.upload_file(str(out / "file_presence.zip"), LAKE, "blueprints/file_presence.zip")
    glue.create_blueprint(Name="file_presence", BlueprintLocation=f"s3://{LAKE}/blueprints/file_presence.zip")
    return glue_server


@pytest.fixture(scope="module")
def examples(dag_runner: DagRunner, lake: GlueServer, ssh_host: SshHost) -> DagFolder:
    """The DAG folder of the examples, with both connections."""
    return DagFolder(dag_runner, "examples", {**lake.connection, **ssh_host.connection()})


@pytest.fixture
def orders(examples: DagFolder, ssh_host: SshHost, lake: GlueServer) -> None:
    """The workflow that ``workflow_and_ssh`` creates and the other examples run, where a test runs alone, too."""
    glue = lake.client("glue")
    if "orders" not in glue.list_workflows()["Workflows"]:
        result = _run(examples, ssh_host, "workflow_and_ssh", EMPTY)
        assert result.state == "success", result.output


def _run(examples: DagFolder, ssh_host: SshHost, dag_id: str, day: str) -> DagResult:
    ssh_host.forget()
    date = datetime.fromisoformat(day).replace(tzinfo=timezone.utc)  # noqa: UP017 - Airflow also runs on 3.10
    return examples.run(dag_id, logical_date=date, seconds=240)


@pytest.mark.parametrize(
    ("day", "line", "flag"), [(FIRST, f"import {FIRST}", True), (EMPTY, f"nothing for {EMPTY}", False)]
)
def test_a_job_decides_what_the_host_does(
    examples: DagFolder, ssh_host: SshHost, day: str, line: str, flag: bool
) -> None:
    """The job's own statement lands in XCom as a boolean, and the command on the host branches on it."""
    result = _run(examples, ssh_host, "job_and_ssh", day)
    assert result.state == "success", result.output
    assert result.xcom_of("read_presence") is flag
    assert ssh_host.imported == [line]


def test_a_job_that_fails_reaches_no_host(examples: DagFolder, ssh_host: SshHost, lake: GlueServer) -> None:
    """The script is gone: the job fails, its retry as well, and nothing runs on the host."""
    glue = lake.client("glue")
    job = glue.get_job(JobName="look_for_orders")["Job"]
    wrong = {**job["Command"], "ScriptLocation": f"s3://{LAKE}/scripts/gone.py"}
    glue.update_job(JobName="look_for_orders", JobUpdate={"Role": ROLE, "Command": wrong, "MaxCapacity": 0.0625})
    result = _run(examples, ssh_host, "job_and_ssh", FIRST)
    glue.update_job(
        JobName="look_for_orders", JobUpdate={"Role": ROLE, "Command": job["Command"], "MaxCapacity": 0.0625}
    )
    assert (result.state, result.tasks["report"], ssh_host.imported) == ("failed", "upstream_failed", [])
    assert result.tries["look_for_files"] == 2


def test_a_host_with_another_key_gets_no_command(
    examples: DagFolder, ssh_host: SshHost, lake: GlueServer
) -> None:
    """The connection has the host's key: a server that has another one is refused before authentication."""
    variables = {**lake.connection, **ssh_host.connection("other_key")}
    result = _run(replace(examples, variables=variables), ssh_host, "job_and_ssh", EMPTY)
    assert (result.tasks["read_presence"], result.tasks["report"]) == ("success", "failed")
    assert ssh_host.imported == []
    assert "does not match" in result.output


@pytest.mark.parametrize(
    ("day", "state", "lines"),
    [
        (FIRST, "success", [f"import {FIRST}: the table has 2 rows"]),
        (EMPTY, "success", [f"nothing for {EMPTY}"]),
        (BAD, "failed", []),
    ],
)
def test_a_workflow_from_a_blueprint_decides(
    examples: DagFolder, ssh_host: SshHost, lake: GlueServer, day: str, state: str, lines: list[str]
) -> None:
    """The workflow is created once; each outcome reaches the host, or does not, as the run states."""
    result = _run(examples, ssh_host, "workflow_and_ssh", day)
    assert (result.state, ssh_host.imported) == (state, lines), result.output
    assert result.xcom_of("load", "file_presence") is (day != EMPTY)
    if state == "failed":
        assert "orders_load" in result.output
        assert result.tries["load"] == 2


@pytest.mark.parametrize(
    ("day", "state", "lines"),
    [
        (DEFERRED, "success", [f"import {DEFERRED}"]),
        (EMPTY, "success", [f"remind {EMPTY}"]),
        (BAD, "failed", [f"load of {BAD} failed"]),
    ],
)
@pytest.mark.usefixtures("orders")
def test_a_deferred_run_has_a_branch_for_each_outcome(
    examples: DagFolder, ssh_host: SshHost, day: str, state: str, lines: list[str]
) -> None:
    """Files, no files, a failed load: one task each, and only that one."""
    result = _run(examples, ssh_host, "deferrable_branch", day)
    assert (result.state, ssh_host.imported) == (state, lines), result.output


@pytest.mark.usefixtures("orders")
def test_days_are_filled_in_and_filled_in_again(
    examples: DagFolder, ssh_host: SshHost, lake: GlueServer
) -> None:
    """Three days, then one of them again: each day's rows are there once; a day without files is a success."""
    first, second = BACKFILLED
    days = (second, first, EMPTY, second)  # the later day first: the date decides, not the order
    results = [_run(examples, ssh_host, "backfill", day) for day in days]
    assert [result.state for result in results] == ["success"] * 4, results[0].output
    dates = [result.xcom_of("load", "run_properties")["file_presence.date"] for result in results]
    assert dates == list(days)
    assert [result.xcom_of("load", "file_presence") for result in results] == [True, True, False, False]
    last = results[-1].xcom_of("load", "run_properties")
    assert last["file_presence.loaded_before"] == "1"
    partitions = lake.client("glue").get_partitions(DatabaseName="shop", TableName="orders")["Partitions"]
    found = [one["Values"][0] for one in partitions]
    assert len(found) == len(set(found))
    assert set(BACKFILLED) <= set(found)


@pytest.mark.parametrize(("day", "messages"), [(NOTIFIED, 1), (EMPTY, 0)])
@pytest.mark.usefixtures("orders")
def test_a_topic_is_notified_of_a_load(
    examples: DagFolder, ssh_host: SshHost, lake: GlueServer, day: str, messages: int
) -> None:
    """SNS gets the number of rows if there was a load; a queue that subscribes to the topic receives it."""
    sns, sqs = lake.client("sns"), lake.client("sqs")
    topic = sns.create_topic(Name="orders-loaded")["TopicArn"]
    queue = sqs.create_queue(QueueName=f"orders-{messages}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    subscription = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)["SubscriptionArn"]
    result = _run(examples, ssh_host, "load_and_notify", day)
    sns.unsubscribe(SubscriptionArn=subscription)
    assert result.state == "success", result.output
    received = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    assert len(received) == messages
    assert all("rows" in one["Body"] for one in received)


@pytest.mark.parametrize(
    ("day", "state", "counted", "query"),
    [
        (QUERIED, "success", 3, "success"),
        (EMPTY, "success", None, "skipped"),
        (BAD, "failed", None, "upstream_failed"),
    ],
)
@pytest.mark.usefixtures("orders")
def test_athena_counts_what_was_loaded(
    examples: DagFolder,
    ssh_host: SshHost,
    lake: GlueServer,
    day: str,
    state: str,
    counted: int | None,
    query: str,
) -> None:
    """AthenaOperator runs the query over the table that the workflow wrote; without a load there is no query."""
    athena = lake.client("athena")
    before = len(athena.list_query_executions()["QueryExecutionIds"])
    result = _run(examples, ssh_host, "load_and_query", day)
    assert (result.state, result.tasks["count"]) == (state, query), result.output
    assert result.xcom_of("compare") == counted
    assert len(athena.list_query_executions()["QueryExecutionIds"]) == before + (counted is not None)
    if counted is not None:
        execution = athena.get_query_execution(QueryExecutionId=result.xcom_of("count"))["QueryExecution"]
        assert execution["ResultConfiguration"]["OutputLocation"].startswith(f"s3://{LAKE}/athena/load_and_query/")
