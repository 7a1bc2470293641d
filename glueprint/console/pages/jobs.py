"""Jobs and their runs: arguments, attempts, durations, logs, bookmarks; starting and stopping them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.responses import JSONResponse, Response

from glueprint.client.errors import InvalidArgument, NotFound, is_not_found
from glueprint.client.job_runs import JobRunView, job_run
from glueprint.client.log_streams import streams_of_job_run
from glueprint.client.names import did_you_mean
from glueprint.compat import UTC
from glueprint.console.listing import page_of_names
from glueprint.console.log_view import MAX_LINES, LogPart, hint_of, html_of, last_part, next_part
from glueprint.console.pages.workflows import RUNS_SHOWN, properties_of
from glueprint.console.text import Badge, badge, seconds_between
from glueprint.console.visits import Family, Visit

_AT_ONCE = 8
"""Requests at once for the last runs of the jobs of a page."""
_REFRESH_SECONDS = 3
"""Between two refreshes of the list: each needs a request for each job."""


@dataclass(frozen=True, slots=True)
class JobRunRow:
    """A run in the history; ``share`` is its duration, from 0 to 100, of the longest one that is shown."""

    run_id: str
    badge: Badge
    started: datetime | None
    completed: datetime | None
    attempt: int
    trigger: str | None
    error: str
    share: float


def job_run_rows(runs: list[dict[str, Any]], now: datetime) -> list[JobRunRow]:
    """Return the history's rows from the API's job runs."""
    lengths = [seconds_between(run.get("StartedOn"), run.get("CompletedOn"), now) or 0.0 for run in runs]
    longest = max(lengths, default=0.0) or 1.0
    return [
        JobRunRow(
            run["Id"],
            badge(run["JobRunState"]),
            run.get("StartedOn"),
            run.get("CompletedOn"),
            run.get("Attempt", 0),
            run.get("TriggerName"),
            _last_line(run.get("ErrorMessage")),
            round(100 * length / longest, 1),
        )
        for run, length in zip(runs, lengths, strict=True)
    ]


def _last_line(message: str | None) -> str:
    lines = [line for line in (message or "").splitlines() if line.strip()]
    return lines[-1] if lines else ""


def jobs(visit: Visit) -> Response:
    """List the jobs with their last run."""
    names = visit.console.names.of("job")
    page = page_of_names(names, visit.query("q"), visit.query("page"))
    found = {}
    if page.names:
        answer = visit.glue.batch_get_jobs(JobNames=list(page.names))
        found = {one["Name"]: one for one in answer["Jobs"]}
    shown = [name for name in page.names if name in found]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        last = list(
            pool.map(lambda name: visit.glue.get_job_runs(JobName=name, MaxResults=1).get("JobRuns"), shown)
        )
    now = datetime.now(UTC)
    rows = [
        (found[name], next(iter(job_run_rows(runs or [], now)), None))
        for name, runs in zip(shown, last, strict=True)
    ]
    return visit.page("jobs.html", live=True, every=_REFRESH_SECONDS, rows=rows, listed=page, total=len(names))


def _job(visit: Visit, name: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = visit.glue.get_job(JobName=name)["Job"]
    except visit.glue.exceptions.ClientError as error:
        if not is_not_found(error):
            raise
        names = visit.console.names.of("job")
        raise NotFound(f"there is no job {name!r}", did_you_mean(name, names)) from error
    return found


def job(visit: Visit) -> Response:
    """Show a job: definition, arguments, runs, bookmark."""
    found = _job(visit, visit.required("name"))
    after = visit.query("after")
    token = {"NextToken": after} if after else {}
    answer = visit.glue.get_job_runs(JobName=found["Name"], MaxResults=RUNS_SHOWN, **token)
    return visit.page(
        "job.html",
        live=True,
        job=found,
        facts=job_facts(found),
        runs=job_run_rows(answer.get("JobRuns", []), datetime.now(UTC)),
        following=answer.get("NextToken"),
        after=after,
        arguments=sorted((found.get("DefaultArguments") or {}).items()),
        bookmark=_bookmark(visit, found["Name"]),
    )


def job_facts(found: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what a job's definition states, as names and texts."""
    command = found.get("Command") or {}
    facts = [
        (
            "Kind",
            {"glueetl": "Spark", "pythonshell": "Python shell", "gluestreaming": "Spark streaming"}.get(
                command.get("Name", ""), command.get("Name")
            ),
        ),
        ("Glue version", found.get("GlueVersion")),
        ("Python", command.get("PythonVersion")),
        (
            "Workers",
            f"{found['NumberOfWorkers']} × {found.get('WorkerType', '')}"
            if found.get("NumberOfWorkers")
            else None,
        ),
        (
            "Capacity",
            f"{found['MaxCapacity']} DPU"
            if found.get("MaxCapacity") and not found.get("NumberOfWorkers")
            else None,
        ),
        ("Timeout", f"{found['Timeout']} min" if found.get("Timeout") else None),
        ("Retries", found.get("MaxRetries")),
        ("Runs at once", (found.get("ExecutionProperty") or {}).get("MaxConcurrentRuns")),
        ("Role", found.get("Role")),
        ("Connections", ", ".join((found.get("Connections") or {}).get("Connections", []))),
    ]
    return [(name, str(value)) for name, value in facts if value not in (None, "")]


def _bookmark(visit: Visit, name: str) -> Mapping[str, Any] | None:
    try:
        found: Mapping[str, Any] = visit.glue.get_job_bookmark(JobName=name)["JobBookmarkEntry"]
    except visit.glue.exceptions.ClientError as error:
        if not is_not_found(error):
            raise
        return None
    return found


def run(visit: Visit) -> Response:
    """Show a job run with its logs."""
    found = _run(visit, visit.required("job"), visit.required("id"))
    part = LogPart((), "")
    if not visit.is_refresh or found.is_final:  # a refresh takes the head of the page; new lines have an address
        part = last_part(visit.session.client("logs"), streams_of_job_run(found))
    wire = found.wire
    facts = [
        ("Trigger", wire.get("TriggerName")),
        ("Attempt", wire.get("Attempt", 0) + 1),
        ("Glue version", wire.get("GlueVersion")),
        (
            "Workers",
            f"{wire['NumberOfWorkers']} × {wire.get('WorkerType', '')}" if wire.get("NumberOfWorkers") else None,
        ),
        ("Billed seconds", wire.get("ExecutionTime")),
        ("Log group", found.log_group),
    ]
    return visit.page(
        "job_run.html",
        run=found,
        badge_=badge(found.state),
        hint=hint_of(part.lines) if found.state == "FAILED" else "",
        previous=wire.get("PreviousRunId"),
        facts=[(name, str(value)) for name, value in facts if value not in (None, "")],
        arguments=sorted((wire.get("Arguments") or {}).items()),
        log=part,
        log_html=html_of(part.lines),
        max_lines=MAX_LINES,
    )


def _run(visit: Visit, job_name: str, run_id: str) -> JobRunView:
    try:
        return job_run(visit.glue, job_name, run_id)
    except visit.glue.exceptions.ClientError as error:
        if not is_not_found(error):
            raise
        _job(visit, job_name)
        raise NotFound(f"job {job_name} has no run {run_id}", "its page lists its runs") from error


def log(visit: Visit) -> Response:
    """Return the new lines of a job run's logs as JSON, for the script of its page."""
    found = _run(visit, visit.required("job"), visit.required("id"))
    part = next_part(visit.session.client("logs"), streams_of_job_run(found), visit.query("from"))
    lines = [{"text": one.text, "error": one.is_error} for one in part.lines]
    answer = {"lines": lines, "from": part.position, "done": found.is_final and not lines, "state": found.state}
    return JSONResponse(answer)


def start(visit: Visit) -> Response:
    """Start a job run."""
    name = visit.field("name")
    given = properties_of(visit.field("arguments"))
    wrong = [one for one in given if not one.startswith("--")]
    if wrong:
        raise InvalidArgument(f"arguments start with --; not so: {', '.join(wrong)}", "nothing was started")
    more = {"Arguments": given} if given else {}
    run_id = visit.glue.start_job_run(JobName=name, **more)["JobRunId"]
    visit.notice(f"Started job run {run_id}")
    return visit.redirect("/job-run", job=name, id=run_id)


def stop(visit: Visit) -> Response:
    """Stop a job run."""
    name, run_id = visit.field("job"), visit.field("id")
    answer = visit.glue.batch_stop_job_run(JobName=name, JobRunIds=[run_id])
    problems = [json.dumps(one.get("ErrorDetail", {}).get("ErrorMessage", "")) for one in answer.get("Errors", ())]
    if problems:
        raise InvalidArgument(f"{run_id} was not stopped: {'; '.join(problems)}")
    visit.notice(f"Job run {run_id} is being stopped", "halted")
    return visit.redirect("/job-run", job=name, id=run_id)


def reset_bookmark(visit: Visit) -> Response:
    """Reset a job's bookmark: its next run reads everything again."""
    name = visit.field("name")
    visit.glue.reset_job_bookmark(JobName=name)
    visit.notice(f"The bookmark of {name} is reset: its next run reads everything again")
    return visit.redirect("/job", name=name)


FAMILY = Family(
    pages=(("/jobs", jobs), ("/job", job), ("/job-run", run), ("/job-run/log", log)),
    forms=(("/job/start", start), ("/job-run/stop", stop), ("/job/bookmark/reset", reset_bookmark)),
)
