"""A job run as it goes: its lines as they come, its breakpoints, its end."""

from __future__ import annotations

import contextlib
import functools
import time
from collections.abc import Mapping
from typing import Any

import click

from glueprint.cli.job.debugger import Debugger
from glueprint.cli.output import console
from glueprint.cli.streams import Reader, of_job_run
from glueprint.client.errors import error_code
from glueprint.client.session import Session
from glueprint.facts.states import FINAL_JOB_STATES

_SUMMARY = "-summary"
"""Behind the run's id: the stream in which the local Glue says how long the script ran and what memory it took."""

_COMING_UP = ("WAITING", "STARTING")


class Live:
    """Prints what one job run writes until it has ended."""

    def __init__(
        self, session: Session, job: str, run_id: str, debugger: Debugger | None, *, output_to_stderr: bool
    ) -> None:
        self._session = session
        self._job = job
        self._run_id = run_id
        self._debugger = debugger
        self._reader = Reader(session.client("logs"))
        self._output_to_stderr = output_to_stderr
        self._coming_up = contextlib.ExitStack()

    def until_ended(self, *, debug: bool = True) -> dict[str, Any]:
        """Print until the end; the ended JobRun. With ``debug``, breakpoints are served in between.

        A terminal shows that the job comes up until it runs or says something; never beside a debugger.
        """
        with self._coming_up:
            if self._debugger is None:
                self._coming_up.enter_context(console(stderr=True).status(f"{self._job} comes up ..."))
            return self._follow(debug=debug)

    def _follow(self, *, debug: bool) -> dict[str, Any]:
        while True:
            run = self._session.glue.get_job_run(JobName=self._job, RunId=self._run_id)["JobRun"]
            self._print_new(run)
            if run["JobRunState"] in FINAL_JOB_STATES:
                return dict(run)
            if debug and self._debugger is not None:
                self._debugger.serve(self._session.poll_seconds, functools.partial(self._print_new, run))
            else:
                time.sleep(self._session.poll_seconds)

    def figures(self) -> str | None:
        """What the run took, in a line; None where nobody says."""
        run = self._session.glue.get_job_run(JobName=self._job, RunId=self._run_id)["JobRun"]
        logs = self._session.client("logs")
        try:
            answer = logs.get_log_events(
                logGroupName=f"{run['LogGroupName']}/output", logStreamName=f"{self._run_id}{_SUMMARY}"
            )
        except logs.exceptions.ClientError as error:
            if error_code(error) != "ResourceNotFoundException":
                raise
            return None
        return next((event["message"].strip() for event in answer["events"]), None)

    def _print_new(self, run: Mapping[str, Any]) -> None:
        lines = list(self._reader.new(of_job_run(run)))
        if lines or run["JobRunState"] not in _COMING_UP:
            self._coming_up.close()
        for line in lines:
            click.echo(line.message, err=line.source.is_error or self._output_to_stderr)


def outcome(run: Mapping[str, Any], figures: str | None) -> str:
    """How it ended, in a line."""
    error = run.get("ErrorMessage")
    told = f"{run['JobName']}  {run['Id']}  {run['JobRunState']}"
    return told + (f": {error}" if error else "") + (f" ({figures})" if figures else "")
