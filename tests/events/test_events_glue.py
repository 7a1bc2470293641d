"""The events that Glue sends, member by member."""

from __future__ import annotations

import json

import pytest
from events_harness import PLACE

from glueprint.facts.states import JobState
from glueprint.local.events import glue_events
from glueprint.local.events.event import Event
from glueprint.local.events.glue_events import CrawlCounts
from glueprint.local.events.pattern import parse_pattern

AT = 1_700_000_000.0


def members(event: Event) -> tuple[str, str, object, list[str]]:
    """Source, kind, detail and resources as they would go over the wire."""
    envelope = json.loads(json.dumps(event.envelope()))
    return envelope["source"], envelope["detail-type"], envelope["detail"], envelope["resources"]


@pytest.mark.parametrize(
    ("state", "severity", "message"),
    [
        (JobState.SUCCEEDED, "INFO", "Job run succeeded"),
        (JobState.FAILED, "ERROR", "JobName:load and JobRunId:jr_1 failed to execute with exception boom"),
        (JobState.TIMEOUT, "WARN", "Job run timed out"),
        (JobState.STOPPED, "INFO", "Job run stopped"),
    ],
)
def test_the_end_of_a_job_run(state: JobState, severity: str, message: str) -> None:
    """Severities and messages of "Glue Job State Change" (docs/facts/eventbridge.md#event-types)."""
    event = glue_events.job_state_changed(PLACE, AT, "load", "jr_1", state, "boom")
    assert event is not None
    detail = {"jobName": "load", "severity": severity, "state": state, "jobRunId": "jr_1", "message": message}
    assert members(event) == ("aws.glue", "Glue Job State Change", detail, [])


@pytest.mark.parametrize(
    "state", sorted(set(JobState) - {JobState.SUCCEEDED, JobState.FAILED, JobState.TIMEOUT, JobState.STOPPED})
)
def test_other_states_send_nothing(state: JobState) -> None:
    """Events are generated for SUCCEEDED, FAILED, TIMEOUT, and STOPPED (guide, "Automating AWS Glue")."""
    assert glue_events.job_state_changed(PLACE, AT, "load", "jr_1", state) is None


def test_a_late_job_run() -> None:
    """ "Glue Job Run Status" after NotifyDelayAfter
    (docs/facts/eventbridge.md#event-types); the minutes are a float."""
    event = glue_events.job_run_delayed(PLACE, AT, "load", "jr_1", JobState.RUNNING, 1, AT - 60)
    detail = {
        "jobName": "load",
        "severity": "INFO",
        "notificationCondition": {"NotifyDelayAfter": 1.0},
        "state": "RUNNING",
        "jobRunId": "jr_1",
        "message": "Job is in RUNNING state",
        "startedOn": "2023-11-14T22:12:20Z",
    }
    assert members(event) == ("aws.glue", "Glue Job Run Status", detail, [])


def test_a_crawl_from_start_to_end() -> None:
    """ "Glue Crawler State Change": counts are strings, and one key has a blank and brackets
    (docs/facts/eventbridge.md#event-types)."""
    link = glue_events.crawler_log_link(PLACE, "c")
    common = {"accountId": "123456789012", "crawlerName": "c"}
    started = glue_events.crawler_started(PLACE, AT, "c")
    assert members(started)[2] == {**common, "state": "Started", "message": "Crawler Started"}
    counts = CrawlCounts(tables_created=2, partitions_created=30)
    succeeded = glue_events.crawler_succeeded(PLACE, AT, "c", counts, seconds=7.9, log_link=link)
    assert members(succeeded)[2] == {
        **common,
        "state": "Succeeded",
        "message": "Crawler Succeeded",
        "tablesCreated": "2",
        "tablesUpdated": "0",
        "tablesDeleted": "0",
        "partitionsCreated": "30",
        "partitionsUpdated": "0",
        "partitionsDeleted": "0",
        "warningMessage": "N/A",
        "runningTime (sec)": "7",
        "completionDate": "2023-11-14T22:13:20Z",
        "cloudWatchLogLink": link,
    }
    failed = glue_events.crawler_failed(PLACE, AT, "c", "no such bucket", log_link=link)
    assert members(failed)[2] == {
        **common,
        "state": "Failed",
        "message": "Crawler Failed",
        "errorMessage": "no such bucket",
        "cloudWatchLogLink": link,
    }


def test_a_schedule_that_could_not_start_its_crawler() -> None:
    """ "Glue Scheduled Crawler Invocation Failure" (docs/facts/eventbridge.md#event-types)."""
    event = glue_events.scheduled_crawler_failed(PLACE, AT, "c", "already running")
    detail = {"customerId": "123456789012", "crawlerName": "c", "errorMessage": "already running"}
    assert members(event)[1:3] == ("Glue Scheduled Crawler Invocation Failure", detail)


def test_the_documented_pattern_selects_a_failed_job() -> None:
    """The pattern that people write for failed jobs (EventBridge reference, "AWS Glue events")."""
    pattern = parse_pattern(
        '{"source": ["aws.glue"], "detail-type": ["Glue Job State Change"], "detail": {"state": ["FAILED"]}}'
    )
    for state, wanted in ((JobState.FAILED, True), (JobState.SUCCEEDED, False)):
        event = glue_events.job_state_changed(PLACE, AT, "load", "jr_1", state)
        assert event is not None
        assert pattern.matches(event.envelope()) is wanted
