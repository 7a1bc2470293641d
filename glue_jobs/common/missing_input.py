"""What a first job does when a run's input is missing, once the presence marker is written."""

from typing import Any

from glue_jobs.common.presence import Marker
from glue_jobs.common.workflow_run import stop_own_run


class InputMissing(Exception):
    """The input is not there, and the blueprint's OnMissing is ``fail``."""


def act_on_missing_input(glue: Any, on_missing: str, workflow: str, run: str, marker: Marker) -> None:
    """Apply OnMissing, after the marker has been written.

    Args:
        glue: a boto3 Glue client.
        on_missing: ``skip``, ``continue`` or ``fail``.
        workflow: the workflow.
        run: its run.
        marker: what was not found.

    Raises:
        InputMissing: OnMissing is ``fail``.
    """
    if on_missing == "fail":
        raise InputMissing("{}: {}".format(marker.location, marker.reason))
    if on_missing == "skip":
        print("Stopping this workflow run: nothing after this job starts.")
        stop_own_run(glue, workflow, run)
    elif on_missing == "continue":
        print("Going on: the later jobs read the marker and end at once.")
    else:
        raise ValueError("OnMissing is {!r}; it must be skip, continue or fail.".format(on_missing))
