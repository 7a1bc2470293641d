"""The events that Glue sends (source ``aws.glue``), as pure functions: callers put them on the bus.

Source: Glue guide, "Automating AWS Glue with EventBridge". Workflow and blueprint runs send none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from glueprint.facts.states import JobState
from glueprint.local.events.event import Event, iso_time, new_event
from glueprint.local.identifiers import arn
from glueprint.local.protocol import Context

SOURCE = "aws.glue"

_NO_WARNING = "N/A"
_JOB_ENDS = {
    JobState.SUCCEEDED: ("INFO", "Job run succeeded"),
    JobState.STOPPED: ("INFO", "Job run stopped"),
    JobState.TIMEOUT: ("WARN", "Job run timed out"),
}


@dataclass(frozen=True, slots=True)
class CrawlCounts:
    """What a crawl changed in the catalog."""

    tables_created: int = 0
    tables_updated: int = 0
    tables_deleted: int = 0
    partitions_created: int = 0
    partitions_updated: int = 0
    partitions_deleted: int = 0


# Jobs


def job_state_changed(
    place: Context, at: float, job: str, run_id: str, state: JobState, error: str | None = None
) -> Event | None:
    """The event "Glue Job State Change", or None for a state that sends none: only four of the final ones do.

    Args:
        error: of a run that FAILED.
    """
    if state is JobState.FAILED:
        severity = "ERROR"
        message = f"JobName:{job} and JobRunId:{run_id} failed to execute with exception {error or 'unknown'}"
    elif state in _JOB_ENDS:
        severity, message = _JOB_ENDS[state]
    else:
        return None
    detail = {
        "jobName": job,
        "severity": severity,
        "state": str(state),
        "jobRunId": run_id,
        "message": message,
    }
    return new_event(place, SOURCE, "Glue Job State Change", at, detail)


def job_run_delayed(
    place: Context, at: float, job: str, run_id: str, state: JobState, notify_after: int, started: float
) -> Event:
    """The event "Glue Job Run Status": a run is STARTING, RUNNING or STOPPING after NotifyDelayAfter has passed.

    Args:
        notify_after: NotifyDelayAfter, minutes.
        started: when the run was started, seconds since the epoch.
    """
    detail = {
        "jobName": job,
        "severity": "INFO",
        "notificationCondition": {"NotifyDelayAfter": float(notify_after)},
        "state": str(state),
        "jobRunId": run_id,
        "message": f"Job is in {state} state",
        "startedOn": iso_time(started),
    }
    return new_event(place, SOURCE, "Glue Job Run Status", at, detail)


# Crawlers


def crawler_started(place: Context, at: float, crawler: str) -> Event:
    """The event "Glue Crawler State Change" at the start of a crawl."""
    return _crawler_event(place, at, crawler, "Started", {})


def crawler_succeeded(
    place: Context, at: float, crawler: str, counts: CrawlCounts, *, seconds: float, log_link: str
) -> Event:
    """The event "Glue Crawler State Change" at the end of a crawl that went well.

    Args:
        seconds: how long it ran.
        log_link: where its log can be read.
    """
    detail = {
        "tablesCreated": str(counts.tables_created),
        "tablesUpdated": str(counts.tables_updated),
        "tablesDeleted": str(counts.tables_deleted),
        "partitionsCreated": str(counts.partitions_created),
        "partitionsUpdated": str(counts.partitions_updated),
        "partitionsDeleted": str(counts.partitions_deleted),
        "warningMessage": _NO_WARNING,
        "runningTime (sec)": str(int(seconds)),
        "completionDate": iso_time(at),
        "cloudWatchLogLink": log_link,
    }
    return _crawler_event(place, at, crawler, "Succeeded", detail)


def crawler_failed(place: Context, at: float, crawler: str, error: str, *, log_link: str) -> Event:
    """The event "Glue Crawler State Change" at the end of a crawl that failed."""
    return _crawler_event(place, at, crawler, "Failed", {"errorMessage": error, "cloudWatchLogLink": log_link})


def scheduled_crawler_failed(place: Context, at: float, crawler: str, error: str) -> Event:
    """The event "Glue Scheduled Crawler Invocation Failure": a crawler's time came, and it could not start."""
    detail = {"customerId": place.account_id, "crawlerName": crawler, "errorMessage": error}
    return new_event(place, SOURCE, "Glue Scheduled Crawler Invocation Failure", at, detail)


def crawler_log_link(place: Context, crawler: str) -> str:
    """Return AWS's address of a crawler's log; group and stream are the same here."""
    return (
        f"https://console.aws.amazon.com/cloudwatch/home?region={place.region}"
        f"#logEventViewer:group=/aws-glue/crawlers;stream={crawler}"
    )


def _crawler_event(place: Context, at: float, crawler: str, state: str, more: dict[str, Any]) -> Event:
    detail = {
        "accountId": place.account_id,
        "crawlerName": crawler,
        "state": state,
        "message": f"Crawler {state}",
        **more,
    }
    return new_event(place, SOURCE, "Glue Crawler State Change", at, detail)


def _arn(place: Context, resource: str) -> str:
    return arn(place.account_id, place.region, resource)
