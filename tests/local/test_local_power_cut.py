"""What a power cut takes with it: plans that were not yet claimed are made again."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path

from harness.running_glue import RunningGlue


def test_a_launch_that_a_power_cut_undid_is_made_again(tmp_path: Path) -> None:
    """Launched and settled, then the machine went down before the claim: the run is not lost
    (docs/decisions/supervised-processes.md)."""
    with RunningGlue(tmp_path / "data") as glue:
        glue.put_job("load", "print('here')\n")
        glue.local.engine.close()  # so that nothing is launched: what had been is made up below
        run_id = glue.call("StartJobRun", JobName="load")["JobRunId"]
        glue.crash()
        with contextlib.closing(sqlite3.connect(glue.path / "state.sqlite")) as state, state:
            assert state.execute("DELETE FROM owed").rowcount == 1
        run_dir = glue.path / "runs" / run_id
        run_dir.mkdir(parents=True)
        (run_dir / "spec.json").write_text(json.dumps({"argv": ["/bin/false"], "boot": "an earlier one"}))
        glue.open()
        glue.in_state("load", "SUCCEEDED")
