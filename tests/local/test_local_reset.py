"""`POST /moto-api/reset` of `serve --ephemeral`: everything is gone, what runs included."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness.local_server import ROLE, Server, until

from glueprint.local.executors.children import STOP_SECONDS

SLEEPS = "import time\nprint('started', flush=True)\ntime.sleep(600)\n"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path / "data", "--ephemeral", "--no-auth") as started:
        yield started


def _reset(server: Server) -> float:
    began = time.monotonic()
    request = urllib.request.Request(f"{server.url}/moto-api/reset", method="POST")
    with urllib.request.urlopen(request, timeout=120) as answer:
        assert answer.status == 200
    return time.monotonic() - began


def _states(server: Server, job: str) -> list[str]:
    return [run["JobRunState"] for run in server.client("glue").get_job_runs(JobName=job)["JobRuns"]]


def test_everything_is_gone_and_works_again(server: Server) -> None:
    """Definitions, objects, open uploads and logs are gone; the same names can be used again."""
    glue, s3, logs = server.client("glue"), server.client("s3"), server.client("logs")
    server.put_job("again", "print('first')\n")
    assert server.finished_job_run("again", glue.start_job_run(JobName="again")["JobRunId"])
    glue.create_database(DatabaseInput={"Name": "db"})
    glue.create_table(DatabaseName="db", TableInput={"Name": "t"})
    glue.create_workflow(Name="flow")
    upload = s3.create_multipart_upload(Bucket="scripts", Key="big")["UploadId"]
    s3.upload_part(Bucket="scripts", Key="big", PartNumber=1, UploadId=upload, Body=b"part")
    _reset(server)
    assert (glue.list_jobs()["JobNames"], glue.list_workflows()["Workflows"]) == ([], [])
    assert glue.get_databases()["DatabaseList"] == []
    assert s3.list_buckets()["Buckets"] == []
    assert logs.describe_log_groups()["logGroups"] == []
    kept = server.data_dir / "ephemeral"
    left = [path for path in (kept / "s3").rglob("*") if path.is_file()]
    assert (left, list((kept / "runs").iterdir())) == ([], [])
    server.put_job("again", "print('second')\n")
    run = server.finished_job_run("again", glue.start_job_run(JobName="again")["JobRunId"])
    assert run["JobRunState"] == "SUCCEEDED"
    assert server.client("s3").list_multipart_uploads(Bucket="scripts").get("Uploads", []) == []


def test_what_runs_is_ended(server: Server) -> None:
    """Running and waiting job runs and their processes are gone, and nothing of them comes back."""
    glue = server.client("glue")
    server.put_job("sleeper", SLEEPS, ExecutionProperty={"MaxConcurrentRuns": 20})
    for _ in range(8):  # more than there are slots: some are not launched yet
        glue.start_job_run(JobName="sleeper")
    until(lambda: "RUNNING" in _states(server, "sleeper") or None)
    assert _reset(server) < STOP_SECONDS  # it has not waited in vain for one of them
    assert server.children() == []
    server.put_job("sleeper", "print('awake')\n")
    assert _states(server, "sleeper") == []
    run = server.finished_job_run("sleeper", glue.start_job_run(JobName="sleeper")["JobRunId"])
    assert run["JobRunState"] == "SUCCEEDED"


def test_a_reset_at_once_after_a_start_leaves_nothing(server: Server) -> None:
    """A run that is just being launched when the reset comes is not launched behind it."""
    glue = server.client("glue")
    for number in range(5):
        server.put_job("racer", SLEEPS)
        glue.create_trigger(
            Name="racing", Type="ON_DEMAND", Actions=[{"JobName": "racer"}], Description=f"{ROLE} {number}"
        )
        glue.start_trigger(Name="racing")
        _reset(server)
        assert server.children() == []
        assert glue.list_jobs()["JobNames"] == []
        assert glue.list_triggers()["TriggerNames"] == []
