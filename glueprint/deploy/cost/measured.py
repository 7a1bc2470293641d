"""What a run has cost: from the durations that GetWorkflowRun and GetJobRun return, attempt by attempt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from glueprint.deploy.cost.billing import CRAWLER_RATE, Rate, job_rate, money
from glueprint.deploy.definitions.model import Kind

_HOUR = Decimal(3600)


@dataclass(frozen=True)
class RunCost:
    """One attempt of a job, or one crawl.

    Attributes:
        seconds: how long it used resources, as Glue reports it; None if it has not ended.
        dpu_hours: what is billed; None if the duration is not known.
        is_reported: whether Glue reports the DPU-hours itself (Flex, auto scaling, ListCrawls).
    """

    kind: Kind
    name: str
    run_id: str
    state: str
    rate: Rate
    seconds: float | None
    dpu_hours: Decimal | None
    price: Decimal | None
    is_reported: bool = False

    @property
    def amount(self) -> Decimal | None:
        """The money."""
        return money(self.dpu_hours, self.price)


def run_costs(
    run: Mapping[str, Any],
    jobs: Mapping[str, Mapping[str, Any]],
    amounts: Mapping[str, Decimal],
    crawls: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
) -> list[RunCost]:
    """Return what each attempt and crawl of a workflow run has cost, in the order of the graph.

    Args:
        run: GetWorkflowRun's ``Run`` with its graph.
        jobs: definitions by name, for what job runs in a graph do not state.
        amounts: of prices by name.
        crawls: ListCrawls' history by crawler, whose DPU-hours count.
    """
    found: list[RunCost] = []
    for node in (run.get("Graph") or {}).get("Nodes", ()):
        if node["Type"] == "JOB":
            runs = (node.get("JobDetails") or {}).get("JobRuns", ())
            found += [job_run_cost(one, jobs.get(node["Name"], {}), amounts) for one in _by_start(runs)]
        elif node["Type"] == "CRAWLER":
            details = (node.get("CrawlerDetails") or {}).get("Crawls", ())
            history = (crawls or {}).get(node["Name"], ())
            found += [_crawl(node["Name"], one, history, amounts) for one in _by_start(details)]
    return found


def job_run_cost(run: Mapping[str, Any], job: Mapping[str, Any], amounts: Mapping[str, Decimal]) -> RunCost:
    """Return what one attempt of a job has cost.

    Args:
        run: as GetJobRun or a graph shows it.
        job: its job's definition.
    """
    settings = ("WorkerType", "NumberOfWorkers", "GlueVersion", "ExecutionClass")
    own = {name: run[name] for name in settings if run.get(name)}
    base = {name: value for name, value in job.items() if name not in ("Name", "Tags")}
    if "WorkerType" not in {**base, **own}:
        own["MaxCapacity"] = run.get("MaxCapacity") or base.get("MaxCapacity")
    else:
        base.pop("MaxCapacity", None)
    rate = job_rate({name: value for name, value in {**base, **own}.items() if value is not None})
    seconds = float(run["ExecutionTime"]) if run.get("ExecutionTime") is not None else None
    is_over = run.get("CompletedOn") is not None
    reported = run.get("DPUSeconds")
    hours = None
    if reported is not None:
        hours = Decimal(str(reported)) / _HOUR
    elif is_over and seconds is not None:
        # A run that did not start has no execution time; one that succeeded has run, if for less than a second.
        has_run = seconds > 0 or run.get("JobRunState") == "SUCCEEDED"
        hours = rate.dpu_hours(seconds) if has_run else Decimal(0)
    return RunCost(
        Kind.JOB,
        str(run["JobName"]),
        str(run["Id"]),
        str(run.get("JobRunState", "")),
        rate,
        seconds,
        hours,
        amounts.get(rate.price),
        reported is not None,
    )


def _crawl(
    name: str, crawl: Mapping[str, Any], history: Sequence[Mapping[str, Any]], amounts: Mapping[str, Decimal]
) -> RunCost:
    started, completed = crawl.get("StartedOn"), crawl.get("CompletedOn")
    seconds = (completed - started).total_seconds() if started and completed else None
    reported = next((one.get("DPUHour") for one in history if _is_same(one.get("StartTime"), started)), None)
    hours = None if seconds is None else CRAWLER_RATE.dpu_hours(seconds)
    if reported:
        hours = Decimal(str(reported))
    crawl_id = str(crawl.get("LogStream") or name)
    price = amounts.get("crawler")
    state = str(crawl.get("State", ""))
    return RunCost(Kind.CRAWLER, name, crawl_id, state, CRAWLER_RATE, seconds, hours, price, bool(reported))


def _is_same(one: object, other: object) -> bool:
    if not isinstance(one, datetime) or not isinstance(other, datetime):
        return False
    return abs((one - other).total_seconds()) < 60


def _by_start(runs: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    yield from sorted(runs, key=lambda one: str(one.get("StartedOn") or ""))
