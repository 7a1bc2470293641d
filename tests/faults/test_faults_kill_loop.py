"""SIGKILL of the server at random moments: every run ends as if nothing had happened."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from faults_victim import Victim, meanwhile
from faults_witness import Witness, attempts_of, outcome, starts_of_user_code
from faults_workload import WIDE, WIDE_JOBS, put_jobs, put_workflow
from harness.local_server import until

pytestmark = pytest.mark.timeout(3600)  # of many servers' starts; minutes on a small machine that is busy
WORKFLOWS = ("w0", "w1", "w2")
"""The number of concurrent runs: a kill then meets them at all steps."""
UP_SECONDS = 0.9
"""A server lives at most so long after it is ready."""


def _kill_again_and_again(victim: Victim, witness: Witness, kills: int, seed: int) -> None:
    """Keep runs going, and kill at moments that the seed chooses."""
    moments = random.Random(seed)
    while len(victim.kills) < kills:
        busy = {witness.started[run_id] for run_id in set(witness.started) - witness.over}
        for workflow in sorted(set(WORKFLOWS) - busy):
            witness.start_run(workflow)
        meanwhile(moments.uniform(0.0, UP_SECONDS), witness.look)
        victim.kill_now()
        victim.start()


def _check(victim: Victim, witness: Witness, unkilled: dict[str, Any]) -> None:
    runs = witness.finished()
    code_starts = starts_of_user_code(victim)
    for run in runs.values():
        assert outcome(victim, run) == unkilled
        assert {one: code_starts[one] for one in attempts_of(run)} == dict.fromkeys(attempts_of(run), 1)
    assert set(code_starts) == {one for run in runs.values() for one in attempts_of(run)}
    until(lambda: victim.rows("SELECT * FROM owed") == [] or None, "the settling of all that was owed")
    assert victim.rows("SELECT * FROM timer WHERE subject LIKE 'jr_%'") == []


@pytest.mark.parametrize(
    ("kills", "seed"),
    [pytest.param(20, 1, marks=pytest.mark.kills), pytest.param(200, 2, marks=pytest.mark.soak)],
)
def test_killed_at_random_moments_every_run_ends_as_an_unkilled_one(tmp_path: Path, kills: int, seed: int) -> None:
    """No run lost, no attempt doubled, final states final, no trigger twice, properties kept."""
    with Victim(tmp_path / "data") as victim:
        glue, s3 = victim.glue(), victim.s3()
        put_jobs(glue, s3, WIDE_JOBS)
        for workflow in WORKFLOWS:
            put_workflow(glue, s3, workflow, WIDE)
        witness = Witness(victim)
        witness.start_run(WORKFLOWS[0])
        (oracle,) = witness.finished().values()
        unkilled = outcome(victim, oracle)
        _kill_again_and_again(victim, witness, kills, seed)
        _check(victim, witness, unkilled)
        in_flight = sum(kill.attempts > 0 for kill in victim.kills)
        assert in_flight >= 0.8 * kills, f"only {in_flight} of {kills} kills met an attempt in flight"
