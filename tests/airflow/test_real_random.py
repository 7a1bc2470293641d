"""Random workflows run for real, natively and as DAGs in a real Airflow: GLUEPRINT_WORKFLOWS=200 of them."""

from __future__ import annotations

import contextlib
import queue
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from airflow_glue import GlueServer
from harness.random_workflows import RandomWorkflow, numbers, random_workflow
from harness.real_workflows import Ends, RealWorkflows, Tally, verdict

from glueprint.airflow.dag_runs import DagRunner
from glueprint.deploy.definitions.reading import read_workflow
from glueprint.deploy.exporting.dag import dag_of
from glueprint.deploy.exporting.plan import plan_of
from glueprint.deploy.exporting.state_machine import Options

pytestmark = [pytest.mark.airflow, pytest.mark.long]

DEFAULT = 3
AIRFLOWS = 4
SECONDS_EACH = 60
SECONDS_OF_A_DAG = 600


@pytest.mark.timeout(600 + SECONDS_EACH * len(numbers(DEFAULT)))
def test_random_workflows_run_the_same_nodes(
    airflow_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Jobs that succeed, fail, are stopped and time out, and crawlers: by the runs that Glue has stored, the same
    nodes run natively and in the exported DAG, each once, and end in the same states; the DAG run succeeds if all
    of them did."""
    folder = tmp_path / "dags"
    folder.mkdir()
    runners: queue.Queue[DagRunner] = queue.Queue()
    tally = Tally()
    with (
        GlueServer(tmp_path / "data") as server,
        RealWorkflows(server.client, tmp_path) as real,
        ThreadPoolExecutor(AIRFLOWS) as pool,
        contextlib.ExitStack() as airflows,
    ):
        for number in range(min(AIRFLOWS, len(numbers(DEFAULT)))):
            home = tmp_path / f"airflow-{number}"  # SQLite has one writer
            shutil.copytree(airflow_home, home)
            database = {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}"}
            environment = {**server.connection, "AIRFLOW_HOME": str(home), **database}
            runners.put(airflows.enter_context(DagRunner(folder, environment)))

        def both(workflow: RandomWorkflow) -> tuple[Ends, Ends]:
            real.make(workflow)
            native = real.natively(workflow)
            definition = read_workflow(real.glue, workflow.name, account_id="123456789012", tags=False)
            assert definition is not None
            text, _ = dag_of(plan_of(definition), Options(poll_seconds=1))
            (folder / f"{workflow.name}.py").write_text(text)
            runner = runners.get()
            try:
                with real.what_runs(workflow) as ends:
                    result = runner.run(workflow.name, seconds=SECONDS_OF_A_DAG)
            finally:
                runners.put(runner)
            wanted = "success" if verdict(ends) == "SUCCEEDED" else "failed"
            assert result.state == wanted, (workflow, result)
            return native, ends

        workflows = [random_workflow(number) for number in numbers(DEFAULT)]
        for workflow, ends in zip(workflows, pool.map(both, workflows), strict=True):
            tally.add(workflow, *ends)
    with capsys.disabled():
        print(f"\nDAGs: {tally}; {len(tally.differences)} differences")  # noqa: T201 - the figures
    assert not tally.differences
