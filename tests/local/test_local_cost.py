"""`glueprint cost` of a workflow on a local Glue: before its run, and after it."""

from __future__ import annotations

import json
from typing import Any

from click.testing import CliRunner
from harness.local_server import Server

from glueprint.cli.main import cli


def cost(server: Server, *arguments: str) -> dict[str, Any]:
    """What the command prints as JSON."""
    result = CliRunner().invoke(cli, ["cost", *arguments, "--json", "--data-dir", str(server.data_dir)])
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_a_run_costs_its_attempts_and_gives_durations_to_the_next(shared_server: Server) -> None:
    """A failed attempt and its retry are billed one minute each; the next estimate expects what was measured."""
    glue = shared_server.client("glue")
    shared_server.put_job("costly", "import time; time.sleep(1.2); raise SystemExit(1)", MaxRetries=1, Timeout=5)
    shared_server.put_job("cheap", "print(1)", MaxCapacity=1.0)
    glue.create_workflow(Name="costs", DefaultRunProperties={"file_presence.bytes": "1000"})
    actions = [{"JobName": "cheap"}, {"JobName": "costly"}]
    glue.create_trigger(Name="costs_start", WorkflowName="costs", Type="ON_DEMAND", Actions=actions)
    before = {node["Name"]: node for node in cost(shared_server, "costs")["Nodes"]}
    assert before["cheap"]["Expected"]["Usd"] is None
    assert before["costly"]["Attempts"] == 2
    assert before["costly"]["Most"]["DpuHours"] == round(2 * 0.0625 / 12, 6)
    run_id = glue.start_workflow_run(Name="costs")["RunId"]
    shared_server.finished_run("costs", run_id)
    after = cost(shared_server, run_id)
    billed = sorted((one["Name"], one["State"], one["DpuHours"], one["Usd"]) for one in after["Attempts"])
    failed = ("costly", "FAILED", 0.001042, 0.000458)
    assert billed == [("cheap", "SUCCEEDED", 0.016667, 0.007333), failed, failed]
    again = cost(shared_server, "costs", "--input", "1MB")
    expected = {node["Name"]: node["Expected"]["Usd"] for node in again["Nodes"]}
    assert expected["cheap"] is not None
    assert expected["costly"] is None
    assert any(run_id in note and "scaled from 1000 to 1000000 bytes" in note for note in again["Notes"])
