"""A job run while it runs: its log lines, its breakpoints, its end."""

from __future__ import annotations

import contextlib
import functools
import time

import click

from glueprint.cli.job.debugger import Debugger
from glueprint.cli.output import console
from glueprint.client.errors import error_code
from glueprint.client.job_runs import JobRunView, job_run
from glueprint.client.log_streams import LogReader, streams_of_job_run
from glueprint.client.session import Session

_SUMMARY = "-summary"
"""Added to the run's id: the stream with the script's duration and memory, which only the local Glue writes."""

_NOT_RUNNING_YET = ("WAITING", "STARTING")


class Live:
    """Prints what one job run writes until it has ended."""

    def __init__(
        self, session: Session, job: str, run_id: str, debugger: Debugger | None, *, output_to_stderr: bool
    ) -> None:
        self._session = session
        self._job = job
        self._run_id = run_id
        self._debugger = debugger
        self._reader = LogReader(session.client("logs"))
        self._output_to_stderr = output_to_stderr
        self._status = contextlib.ExitStack()

    def until_ended(self, *, debug: bool = True) -> JobRunView:
        """Print until the run has ended, and return it. With ``debug``, breakpoints are served.

        Without a debugger, a terminal shows that the job is starting until it runs or writes something.
        """
        with self._status:
            if self._debugger is None:
                self._status.enter_context(console(stderr=True).status(f"{self._job} is starting ..."))
            return self._follow(debug=debug)

    def _follow(self, *, debug: bool) -> JobRunView:
        while True:
            run = self._request()
            self._print_new(run)
            if run.is_final:
                return run
            if debug and self._debugger is not None:
                self._debugger.serve(self._session.poll_seconds, functools.partial(self._print_new, run))
            else:
                time.sleep(self._session.poll_seconds)

    def figures(self) -> str | None:
        """Return the run's duration and memory in a line; None if the Glue does not report them."""
        logs = self._session.client("logs")
        try:
            answer = logs.get_log_events(
                logGroupName=f"{self._request().log_group}/output", logStreamName=f"{self._run_id}{_SUMMARY}"
            )
        except logs.exceptions.ClientError as error:
            if error_code(error) != "ResourceNotFoundException":
                raise
            return None
        return next((event["message"].strip() for event in answer["events"]), None)

    def _request(self) -> JobRunView:
        return job_run(self._session.glue, self._job, self._run_id)

    def _print_new(self, run: JobRunView) -> None:
        lines = list(self._reader.new_lines(streams_of_job_run(run)))
        if lines or run.state not in _NOT_RUNNING_YET:
            self._status.close()
        for line in lines:
            click.echo(line.message, err=line.stream.is_error or self._output_to_stderr)


def outcome(run: JobRunView, figures: str | None) -> str:
    """Return how the run ended, in a line."""
    line = f"{run.job}  {run.run_id}  {run.state}"
    return line + (f": {run.error}" if run.error else "") + (f" ({figures})" if figures else "")
