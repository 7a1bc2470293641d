"""Pages of the console over a large account: 1,000 workflows, 10,000 runs, 20,000 partitions, a log of 5,000
lines.

The account is made through the API of a real server; the runs are copies of one real run in its database. The
console runs in the benchmark's process and speaks to that server over HTTP, as it always does: what is measured
is a request of a browser from its arrival to its last byte. A second table has the requests of the pages that
refresh themselves, while nothing changes: at most one a second.
"""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from starlette.testclient import TestClient

from bench.server import BenchServer
from glueprint.client.servers import running_server
from glueprint.client.session import Session
from glueprint.console.access import Access, Names
from glueprint.console.app import console_app
from glueprint.console.serving import ConsoleOptions, console_of

WORKFLOWS, RUNS, PARTITIONS, LINES, WIDE = 1_000, 10_000, 20_000, 5_000, 1_000
GOAL_SECONDS = 0.3
MAX_REFRESH_BYTES = 1_000
"""A refresh is small if it has fewer bytes."""
REPEATS = 9
_BATCH = 100
REFRESH = {"X-Refresh": "1"}
LIVE = ("overview", "workflows", "workflow with 10,000 runs", "workflow of 1,000 jobs", "jobs", "job", "crawlers")
"""Pages that refresh themselves whatever they show; that of a run does while it goes on."""
_TABLES = ("workflow_run", "invocation", "fired_trigger", "run_property")
"""The rows of a run (glueprint/local/store/schema.py)."""


def main() -> None:
    """Run the benchmark and print the result."""
    print(f"console: goal {GOAL_SECONDS * 1000:.0f} ms for a page; {WORKFLOWS:,} workflows, {RUNS:,} runs of one,")
    print(f"{PARTITIONS:,} partitions, {LINES:,} lines of log, a graph of {WIDE:,} jobs; medians of {REPEATS}")
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "data")
        with BenchServer(data, "--warm-workers", "0") as server:
            job_run = _fill(server)
        _copy_runs(data / "state.sqlite")
        with BenchServer(data, "--warm-workers", "0"):
            endpoint = running_server(data)
            assert endpoint is not None
            with closing(Session(endpoint)) as session:
                _measure(session, job_run)


def _fill(server: BenchServer) -> str:
    """Make the account; return the id of the job run with the long log."""
    glue = server.glue
    script = server.put_script(f"for number in range({LINES}):\n    print('line', number, 'of the log')\n")
    server.put_jobs(["load"], script)
    for number in range(WORKFLOWS):
        name = f"workflow-{number:04d}"
        glue.create_workflow(Name=name)
        glue.create_trigger(
            Name=f"{name}-start", WorkflowName=name, Type="ON_DEMAND", Actions=[{"JobName": "load"}]
        )
    run_id = glue.start_workflow_run(Name="workflow-0000")["RunId"]
    while glue.get_workflow_run(Name="workflow-0000", RunId=run_id)["Run"]["Status"] == "RUNNING":
        time.sleep(0.1)
    names = [f"wide-{number:04d}" for number in range(WIDE)]
    server.put_jobs(names, script)
    glue.create_workflow(Name="wide")
    glue.create_trigger(Name="wide-start", WorkflowName="wide", Type="ON_DEMAND", Actions=[{"JobName": "load"}])
    for start in range(0, WIDE, _BATCH):
        glue.create_trigger(
            Name=f"wide-{start}",
            WorkflowName="wide",
            Type="CONDITIONAL",
            StartOnCreation=True,
            Predicate={"Conditions": [{"LogicalOperator": "EQUALS", "JobName": "load", "State": "SUCCEEDED"}]},
            Actions=[{"JobName": name} for name in names[start : start + _BATCH]],
        )
    _fill_catalog(server)
    job_run: str = glue.get_job_runs(JobName="load")["JobRuns"][0]["Id"]
    return job_run


def _fill_catalog(server: BenchServer) -> None:
    s3, glue = server.client("s3"), server.glue
    s3.put_object(Bucket="scripts", Key="lake/day=0/a.csv", Body=b"1,one\n" * 100)
    glue.create_database(DatabaseInput={"Name": "sales"})
    storage = {
        "Location": "s3://scripts/lake/",
        "Columns": [{"Name": "id", "Type": "bigint"}, {"Name": "name", "Type": "string"}],
        "SerdeInfo": {"Parameters": {"field.delim": ","}},
    }
    table = {"Name": "orders", "Parameters": {"classification": "csv"}, "StorageDescriptor": storage}
    glue.create_table(
        DatabaseName="sales", TableInput={**table, "PartitionKeys": [{"Name": "day", "Type": "string"}]}
    )
    for start in range(0, PARTITIONS, _BATCH):
        inputs = [
            {"Values": [str(day)], "StorageDescriptor": {**storage, "Location": f"s3://scripts/lake/day={day}/"}}
            for day in range(start, start + _BATCH)
        ]
        glue.batch_create_partition(DatabaseName="sales", TableName="orders", PartitionInputList=inputs)


def _copy_runs(state: Path) -> None:
    """Copy the only run of a workflow, with its rows."""
    with closing(sqlite3.connect(state)) as connection, connection:
        for table in _TABLES:
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            rows = [dict(zip(columns, row, strict=True)) for row in connection.execute(f"SELECT * FROM {table}")]
            marks = ", ".join("?" for _ in columns)
            for number in range(RUNS - 1):
                for row in rows:
                    copy = {**row, "run_id": f"{row['run_id'][:-5]}{number:05d}"}
                    if copy.get("started"):
                        copy["started"] -= number + 1
                    connection.execute(f"INSERT INTO {table} VALUES ({marks})", list(copy.values()))


def _measure(session: Session, job_run: str) -> None:
    access = Access()
    console = console_of(session, ConsoleOptions(), access, "console")
    pages = {
        "overview": "/",
        "workflows": "/workflows",
        "workflows, page 20": "/workflows?page=20",
        "workflow with 10,000 runs": "/workflow?name=workflow-0000",
        "run": "/run?workflow=workflow-0000&id=latest",
        "workflow of 1,000 jobs": "/workflow?name=wide",
        "simulation of 1,000 jobs": "/workflow/simulate?name=wide&fail=JOB/load",
        "jobs": "/jobs",
        "job": "/job?name=load",
        "job run, 5,000 lines": f"/job-run?job=load&id={job_run}",
        "table of 20,000 partitions": "/table?database=sales&name=orders",
        "blueprints": "/blueprints",
        "crawlers": "/crawlers",
        "s3": "/s3?at=s3://scripts/",
    }
    with TestClient(console_app(console, Names()), base_url="http://127.0.0.1") as browser:
        browser.get(f"/sign-in?token={access.token}")
        text = browser.get(pages["job run, 5,000 lines"]).text
        assert text.count("<li") > LINES, "the log is complete"
        first = browser.get(f"/job-run/log?job=load&id={job_run}").json()
        tail = f"/job-run/log?job=load&id={job_run}&from={first['from']}"
        console.finish()
        print(f"  {'page':28}    median  slowest      size")
        for name, path in pages.items():
            _print(name, [_timed(browser, path) for _ in range(REPEATS)])
        console.finish()
        print("  refreshes while nothing changes")
        refreshes = {**{name: pages[name] for name in LIVE}, "tail of a running log": tail}
        for name, path in refreshes.items():
            first = browser.get(path, headers=REFRESH)
            tag = {"If-None-Match": first.headers["etag"]} if "etag" in first.headers else {}
            found = [_timed(browser, path, {**REFRESH, **tag}) for _ in range(REPEATS)]
            _print(name, found)
            assert max(one.size for one in found) < MAX_REFRESH_BYTES, f"a refresh of {name} is not small"
    console.finish()


@dataclass(frozen=True, slots=True)
class Timed:
    """One answer: how long it took, and its bytes."""

    seconds: float
    size: int


def _timed(browser: Any, path: str, headers: Mapping[str, str] = MappingProxyType({})) -> Timed:
    start = time.perf_counter()
    answer = browser.get(path, headers=headers)
    seconds = time.perf_counter() - start
    assert answer.status_code in (200, 304), answer.text[:500]
    return Timed(seconds, len(answer.content))


def _print(name: str, found: list[Timed]) -> None:
    median = statistics.median(one.seconds for one in found)
    slowest = max(one.seconds for one in found)
    note = "" if median <= GOAL_SECONDS else "   slower than the goal"
    size = found[-1].size / 1000
    print(f"  {name:28} {median * 1000:6.0f} ms {slowest * 1000:5.0f} ms {size:6.0f} kB{note}", flush=True)
