"""What Glue fills in when the caller of an operation leaves a member out.

Sources: service model (documentation of ``CreateJobRequest``, ``Job.Timeout``, ``CreateTriggerRequest``,
``EventBatchingCondition``); docs/facts/jobs.md, docs/facts/crawlers.md#policies.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glueprint.facts.states import ScheduleState, TriggerType

Members = Mapping[str, Any]

DEFAULT_COMMAND = "glueetl"
SPARK_COMMANDS = ("glueetl", "gluestreaming")
DEFAULT_GLUE_VERSION = "6.0"
"""Of a Spark job without a GlueVersion (service model, CreateJob)."""
DEFAULT_PYTHON_VERSION = "3"
DEFAULT_SHELL_CAPACITY = 0.0625
"""DPUs of a Python shell job."""
DEFAULT_SPARK_CAPACITY = 10
"""DPUs of a Spark job without WorkerType."""
DEFAULT_MAX_CONCURRENT_RUNS = 1

DEFAULT_BATCH_SIZE = 1
DEFAULT_BATCH_WINDOW_SECONDS = 900

DEFAULT_CRAWLER_DATABASE = "default"
"""Where tables go "if your crawler does not specify a database" (DG:crawler-running)."""
DEFAULT_UPDATE_BEHAVIOR = "UPDATE_IN_DATABASE"
DEFAULT_DELETE_BEHAVIOR = "DEPRECATE_IN_DATABASE"
DEFAULT_RECRAWL_BEHAVIOR = "CRAWL_EVERYTHING"


def default_timeout_minutes(command: str, glue_version: str | None) -> int | None:
    """Return 2880 up to Glue 4.0, 480 from 5.0, None (no timeout) for streaming jobs."""
    if command == "gluestreaming":
        return None
    major = (glue_version or "").partition(".")[0]
    return 480 if command == "glueetl" and major.isdigit() and int(major) >= 5 else 2880


def job_with_defaults(members: Members) -> dict[str, Any]:
    """Return a job as GetJob shows it: the members of CreateJob or UpdateJob, and what Glue fills in."""
    job = dict(members)
    command = job["Command"] = {"ScriptLocation": "", **job.get("Command", {})}
    kind = command.get("Name", DEFAULT_COMMAND)
    job.setdefault("MaxRetries", 0)
    job["ExecutionProperty"] = {
        "MaxConcurrentRuns": DEFAULT_MAX_CONCURRENT_RUNS,
        **job.get("ExecutionProperty", {}),
    }
    if kind == "pythonshell":
        command.setdefault("PythonVersion", DEFAULT_PYTHON_VERSION)
        job.setdefault("MaxCapacity", DEFAULT_SHELL_CAPACITY)
    elif "WorkerType" not in job:
        job.setdefault("MaxCapacity", float(job.pop("AllocatedCapacity", DEFAULT_SPARK_CAPACITY)))
    if kind in SPARK_COMMANDS:
        command.setdefault("PythonVersion", DEFAULT_PYTHON_VERSION)
        job.setdefault("GlueVersion", DEFAULT_GLUE_VERSION)
    timeout = default_timeout_minutes(kind, job.get("GlueVersion"))
    if timeout is not None:
        job.setdefault("Timeout", timeout)
    job.setdefault("JobMode", "SCRIPT")
    return job


def trigger_with_defaults(members: Members) -> dict[str, Any]:
    """Return a trigger as GetTrigger shows it, without its state (see ``states.state_on_creation``)."""
    trigger = dict(members)
    if trigger["Type"] == TriggerType.EVENT:
        trigger["EventBatchingCondition"] = {
            "BatchWindow": DEFAULT_BATCH_WINDOW_SECONDS,
            **trigger.get("EventBatchingCondition", {"BatchSize": DEFAULT_BATCH_SIZE}),
        }
    return trigger


def crawler_with_defaults(members: Members) -> dict[str, Any]:
    """Return a crawler as GetCrawler shows it, without state and times."""
    crawler = dict(members)
    schedule = crawler.pop("Schedule", None)
    if schedule:  # an empty one is none
        crawler["Schedule"] = {"ScheduleExpression": schedule, "State": ScheduleState.SCHEDULED}
    is_of_catalog = bool(members["Targets"].get("CatalogTargets"))
    crawler["SchemaChangePolicy"] = {
        "UpdateBehavior": DEFAULT_UPDATE_BEHAVIOR,
        "DeleteBehavior": "LOG" if is_of_catalog else DEFAULT_DELETE_BEHAVIOR,
        **crawler.get("SchemaChangePolicy", {}),
    }
    crawler.setdefault("RecrawlPolicy", {"RecrawlBehavior": DEFAULT_RECRAWL_BEHAVIOR})
    crawler.setdefault("LineageConfiguration", {"CrawlerLineageSettings": "DISABLE"})
    crawler.setdefault("Classifiers", [])
    return crawler
