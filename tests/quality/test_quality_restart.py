"""Data quality runs go on while the server is down, and old ones are deleted; without Spark."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from harness.local_server import ROLE, until
from harness.running_glue import RunningGlue

from glueprint.local.engine.retention import KEPT_SECONDS, forget_old
from glueprint.local.executors import quality
from glueprint.local.executors.processes import Ended, ProcessSpec
from glueprint.runtime.launch.jobs import JobLaunch
from glueprint.runtime.processes.process import inspect

SOURCE = {"GlueTable": {"DatabaseName": "shop", "TableName": "orders"}}
EVALUATES = """
import json, pathlib, sys, time
gate, result = map(pathlib.Path, sys.argv[1:])
while not gate.exists():
    time.sleep(0.02)
found = {"StartedOn": time.time(), "CompletedOn": time.time(), "Score": 1.0, "RuleResults": []}
result.write_text(json.dumps({"Results": [{"RulesetName": "r", "Result": found}]}))
"""


class Shop(RunningGlue):
    """A Glue with a table and a ruleset; an evaluation goes on until :meth:`let_end`."""

    def open(self) -> None:
        """See RunningGlue."""
        super().open()
        if not self.call("GetDatabases")["DatabaseList"]:
            self.call("CreateDatabase", DatabaseInput={"Name": "shop"})
            self.call("CreateTable", DatabaseName="shop", TableInput={"Name": "orders"})
            self.call("CreateDataQualityRuleset", Name="r", Ruleset="Rules = [ RowCount > 0 ]")

    def evaluate(self, **members: Any) -> str:
        """Start a run, and wait until it is RUNNING."""
        request = {"DataSource": SOURCE, "Role": ROLE, "RulesetNames": ["r"], **members}
        run_id = str(self.call("StartDataQualityRulesetEvaluationRun", **request)["RunId"])
        until(lambda: self.run(run_id)["Status"] == "RUNNING" or None)
        return run_id

    def run(self, run_id: str) -> dict[str, Any]:
        """The run."""
        return self.call("GetDataQualityRulesetEvaluationRun", RunId=run_id)

    def let_end(self, run_id: str) -> None:
        """Let the evaluation end."""
        (self.path / f"{run_id}.gate").touch()

    def ended(self, run_id: str) -> dict[str, Any]:
        """The run once it has ended."""
        until(lambda: self.run(run_id)["Status"] not in ("STARTING", "RUNNING", "STOPPING") or None)
        return self.run(run_id)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """A Glue whose evaluations are a small program."""

    def process(job: JobLaunch) -> ProcessSpec:
        gate = tmp_path / "data" / f"{job.job_run_id}.gate"
        argv = (sys.executable, "-c", EVALUATES, str(gate), str(job.work_dir / "result.json"))
        return ProcessSpec(argv=argv, env={}, cwd=job.work_dir, stdout=job.stdout, stderr=job.stderr)

    monkeypatch.setattr(quality, "job_process", process)
    with Shop(tmp_path / "data") as shop:
        yield shop


def test_an_evaluation_goes_on_while_the_server_is_down(shop: Shop) -> None:
    """The next server adopts its process, or stores the end that no server saw, once
    (docs/fidelity/recovery.md)."""
    goes_on, ends = shop.evaluate(), shop.evaluate()
    shop.crash()
    shop.let_end(ends)
    until(lambda: isinstance(inspect(shop.path / "runs" / ends), Ended) or None)
    shop.open()
    found = [shop.ended(ends)]
    assert shop.run(goes_on)["Status"] == "RUNNING"
    shop.crash()
    shop.open()
    shop.let_end(goes_on)
    found.append(shop.ended(goes_on))
    assert [run["Status"] for run in found] == ["SUCCEEDED", "SUCCEEDED"]
    results = shop.call("ListDataQualityResults")["Results"]
    assert sorted(one["ResultId"] for one in results) == sorted(id_ for run in found for id_ in run["ResultIds"])
    assert len(results) == 2


def test_a_timeout_that_passed_while_the_server_was_down_ends_the_evaluation(shop: Shop) -> None:
    """Timeout in minutes (service model), which is stored: no server has to be there at that time."""
    run_id = shop.evaluate(Timeout=5)
    shop.crash()
    shop.clock.advance(301)
    shop.open()
    run = shop.ended(run_id)
    assert (run["Status"], run.get("ResultIds")) == ("TIMEOUT", None)


def test_old_evaluations_and_results_are_deleted(shop: Shop) -> None:
    """365 days after their end, as the history of jobs is, with the files of their processes; what ended later
    is kept (docs/fidelity/quality.md)."""
    old, late = shop.evaluate(), shop.evaluate()
    shop.let_end(old)
    (result,) = shop.ended(old)["ResultIds"]
    runs = shop.path / "runs"
    database, now = shop.local.database, shop.clock.now()
    assert database.write(lambda tx: forget_old(tx, now + KEPT_SECONDS - 60)) == []
    assert (runs / old).exists()
    shop.clock.advance(KEPT_SECONDS + 86_400)  # the daily removal is due
    until(lambda: not (runs / old).exists() or None)
    assert shop.call("BatchGetDataQualityRulesetEvaluationRun", RunIds=[old, late])["RunsNotFound"] == [old]
    assert shop.call("BatchGetDataQualityResult", ResultIds=[result])["ResultsNotFound"] == [result]
    assert (runs / late).exists()
