"""What Glue fills in (service model; docs/facts/jobs.md, docs/facts/crawlers.md)."""

from __future__ import annotations

from typing import Any

import pytest

from glueprint.facts.defaults import crawler_with_defaults, job_with_defaults, trigger_with_defaults

SHELL: dict[str, Any] = {"Command": {"Name": "pythonshell", "ScriptLocation": "s3://b/k"}}
SPARK: dict[str, Any] = {"Command": {"Name": "glueetl"}}
STREAMING: dict[str, Any] = {"Command": {"Name": "gluestreaming"}}
CRAWLER: dict[str, Any] = {"Targets": {"S3Targets": [{"Path": "s3://b/"}]}}


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        (SHELL, {"MaxCapacity": 0.0625, "Timeout": 2880, "MaxRetries": 0, "JobMode": "SCRIPT"}),
        (SPARK, {"MaxCapacity": 10.0, "Timeout": 480, "GlueVersion": "6.0"}),
        ({**SPARK, "GlueVersion": "4.0"}, {"Timeout": 2880}),
        ({**SPARK, "AllocatedCapacity": 4}, {"MaxCapacity": 4.0}),
        ({**SPARK, "Timeout": 5, "MaxRetries": 2}, {"Timeout": 5, "MaxRetries": 2}),
        (SPARK, {"ExecutionProperty": {"MaxConcurrentRuns": 1}}),
    ],
)
def test_defaults_of_jobs(members: dict[str, Any], expected: dict[str, Any]) -> None:
    """Members that are given stay, others get Glue's defaults (service model, ``CreateJob``, ``Job.Timeout``)."""
    job = job_with_defaults(members)
    assert {name: job[name] for name in expected} == expected
    assert job["Command"]["PythonVersion"] == "3"


def test_members_that_have_no_default_stay_out() -> None:
    """A streaming job has no timeout, one with workers no capacity (service model)."""
    assert "Timeout" not in job_with_defaults(STREAMING)
    assert "MaxCapacity" not in job_with_defaults({**SPARK, "WorkerType": "G.1X", "NumberOfWorkers": 2})


def test_the_request_is_not_changed() -> None:
    """Defaults are put into a copy."""
    job_with_defaults(SHELL)
    crawler_with_defaults(CRAWLER)
    assert "PythonVersion" not in SHELL["Command"]
    assert set(CRAWLER) == {"Targets"}


def test_defaults_of_crawlers() -> None:
    """Deletions in catalog targets are only logged (docs/facts/crawlers.md#policies)."""
    crawler = crawler_with_defaults({**CRAWLER, "Schedule": "cron(0 1 * * ? *)"})
    assert crawler["SchemaChangePolicy"] == {
        "UpdateBehavior": "UPDATE_IN_DATABASE",
        "DeleteBehavior": "DEPRECATE_IN_DATABASE",
    }
    assert crawler["Schedule"] == {"ScheduleExpression": "cron(0 1 * * ? *)", "State": "SCHEDULED"}
    catalog = {"Targets": {"CatalogTargets": [{"DatabaseName": "d", "Tables": ["t"]}]}, "Schedule": ""}
    assert crawler_with_defaults(catalog)["SchemaChangePolicy"]["DeleteBehavior"] == "LOG"
    assert "Schedule" not in crawler_with_defaults(catalog)


def test_defaults_of_triggers() -> None:
    """Batching is one event, or 900 seconds (service model, ``EventBatchingCondition``)."""
    batching = trigger_with_defaults({"Type": "EVENT"})["EventBatchingCondition"]
    assert batching == {"BatchSize": 1, "BatchWindow": 900}
    assert "EventBatchingCondition" not in trigger_with_defaults({"Type": "ON_DEMAND"})
