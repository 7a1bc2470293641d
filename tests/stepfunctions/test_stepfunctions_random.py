"""Random workflows run for real, natively and as exported state machines: GLUEPRINT_WORKFLOWS=200 of them."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from harness.local_server import Server
from harness.random_workflows import RandomWorkflow, numbers, random_workflow
from harness.real_workflows import Ends, RealWorkflows, Tally

from glueprint.deploy.definitions.reading import read_workflow
from glueprint.deploy.exporting.plan import plan_of
from glueprint.deploy.exporting.state_machine import Options, definition_of

pytestmark = pytest.mark.stepfunctions

DEFAULT = 5
AT_ONCE = 16
SECONDS_EACH = 20


@pytest.mark.timeout(600 + SECONDS_EACH * len(numbers(DEFAULT)))
def test_random_workflows_run_the_same_nodes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Jobs that succeed, fail, are stopped and time out, and crawlers: by the runs that Glue has stored, the same
    nodes run natively and in the exported state machine, each once, and end in the same states; an execution
    succeeds if all of them did."""
    tally = Tally()
    with (
        Server(tmp_path / "data", "--warm-workers", "0") as server,
        RealWorkflows(server.client, tmp_path) as real,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):

        def both(workflow: RandomWorkflow) -> tuple[Ends, Ends]:
            real.make(workflow)
            native = real.natively(workflow)
            definition = read_workflow(real.glue, workflow.name, account_id="123456789012", tags=False)
            assert definition is not None
            exported = definition_of(plan_of(definition), Options(poll_seconds=1))
            return native, real.execute(workflow, json.dumps(exported))

        workflows = [random_workflow(number) for number in numbers(DEFAULT)]
        for workflow, ends in zip(workflows, pool.map(both, workflows), strict=True):
            tally.add(workflow, *ends)
    with capsys.disabled():
        print(f"\nstate machines: {tally}; {len(tally.differences)} differences")  # noqa: T201 - the figures
    assert not tally.differences
