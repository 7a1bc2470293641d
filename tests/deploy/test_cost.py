"""How Glue bills, what a run costs before and after it, and the orchestration elsewhere."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueprint.client.errors import InvalidArgument
from glueprint.compat import UTC
from glueprint.deploy.cost.alternatives import alternatives, transitions
from glueprint.deploy.cost.billing import CRAWLER_RATE, job_rate
from glueprint.deploy.cost.estimate import estimate
from glueprint.deploy.cost.measured import job_run_cost, run_costs
from glueprint.deploy.cost.reading import bytes_of, measured_bytes, measured_seconds, node_named, seconds_of
from glueprint.deploy.definitions.model import Definition, Kind, WorkflowDefinition
from glueprint.facts.prices import PRICES, amounts

HERE = amounts("us-east-1")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def shell(**members: Any) -> dict[str, Any]:
    """A Python shell job."""
    return {"Command": {"Name": "pythonshell"}, **members}


def spark(**members: Any) -> dict[str, Any]:
    """A Spark job."""
    return {"Command": {"Name": "glueetl"}, "GlueVersion": "5.1", **members}


@pytest.mark.parametrize(
    ("job", "dpus", "minimum", "price"),
    [
        (shell(), "0.0625", 60, "shell"),
        (shell(MaxCapacity=1.0), "1", 60, "shell"),
        (spark(WorkerType="G.1X", NumberOfWorkers=10), "10", 60, "spark"),
        (spark(WorkerType="G.025X", NumberOfWorkers=2), "0.5", 60, "spark"),
        (spark(WorkerType="G.16X", NumberOfWorkers=3), "48", 60, "spark"),
        (spark(WorkerType="R.2X", NumberOfWorkers=4), "8", 60, "memory"),
        (spark(WorkerType="G.2X", NumberOfWorkers=2, ExecutionClass="FLEX"), "4", 60, "flex"),
        (spark(WorkerType="G.1X", NumberOfWorkers=2, GlueVersion="6.0"), "2", 60, "spark-6"),
        (spark(WorkerType="G.1X", NumberOfWorkers=2, GlueVersion="6.0", ExecutionClass="FLEX"), "2", 60, "flex-6"),
        (spark(WorkerType="R.1X", NumberOfWorkers=2, GlueVersion="6.0"), "2", 60, "memory-6"),
        (spark(GlueVersion="1.0", MaxCapacity=4.0), "4", 600, "spark"),
        (spark(GlueVersion="0.9"), "10", 600, "spark"),
        ({"Command": {"Name": "glueetl"}}, "10", 60, "spark-6"),
        ({"Command": {"Name": "glueray"}, "WorkerType": "Z.2X", "NumberOfWorkers": 5}, "10", 60, "ray"),
    ],
)
def test_dpus_minimum_and_price_of_jobs(job: dict[str, Any], dpus: str, minimum: int, price: str) -> None:
    """docs/facts/jobs.md#capacity and docs/facts/quotas.md#prices; the default GlueVersion is 6.0."""
    rate = job_rate(job)
    assert (rate.dpus, rate.minimum_seconds, rate.price) == (Decimal(dpus), minimum, price)


def test_the_examples_of_the_pricing_page() -> None:
    """aws.amazon.com/glue/pricing: 6 DPUs for 15 minutes are $0.66; 2 DPUs of a crawler for 30 minutes $0.44."""
    job = job_rate(spark(WorkerType="G.1X", NumberOfWorkers=6))
    assert job.dpu_hours(15 * 60) * HERE["spark"] == Decimal("0.66")
    assert CRAWLER_RATE.dpu_hours(30 * 60) * HERE["crawler"] == Decimal("0.44")


@given(st.floats(0, 10**6), st.sampled_from([shell(), spark(WorkerType="G.1X", NumberOfWorkers=2)]))
def test_bills_are_in_full_seconds_and_never_below_the_minimum(seconds: float, job: dict[str, Any]) -> None:
    """Billed per second, rounded up, at least the minimum."""
    rate = job_rate(job)
    exact = rate.dpu_hours(seconds) / rate.dpus * 3600
    billed = round(exact)
    assert abs(exact - billed) < Decimal("1e-9")
    assert billed >= rate.minimum_seconds
    assert seconds - 0.01 <= billed <= max(seconds + 1, rate.minimum_seconds)


def workflow(*parts: Definition, **members: Any) -> WorkflowDefinition:
    """A workflow of these parts."""
    return WorkflowDefinition.of(Definition(Kind.WORKFLOW, "w", members), parts)


LOOK = Definition(Kind.JOB, "look", shell(Timeout=10, MaxRetries=1))
LOAD = Definition(Kind.JOB, "load", spark(WorkerType="G.1X", NumberOfWorkers=2, Timeout=60))
CRAWL = Definition(Kind.CRAWLER, "crawl", {"Role": "r"})


def trigger(name: str, kind: str, jobs: list[str], after: tuple[str, ...] = (), **members: Any) -> Definition:
    """A trigger that starts jobs after jobs."""
    conditions = {"Predicate": {"Conditions": [{"JobName": one} for one in after]}} if after else {}
    actions = [{"JobName": one} for one in jobs]
    return Definition(Kind.TRIGGER, name, {"Type": kind, "Actions": actions, **conditions, **members})


def test_bounds_before_a_run() -> None:
    """At least the minimum, expected where a duration is known, at most all attempts until the timeout."""
    found = estimate(workflow(LOOK, LOAD), HERE, {"load": 600.5}, NOW)
    look, load = sorted(found.nodes, key=lambda one: one.name, reverse=True)
    assert (look.least, look.expected) == (Decimal("0.0625") / 60, None)
    assert look.most is not None
    assert round(look.most, 20) == round(2 * Decimal("0.0625") / 6, 20)
    assert load.expected == Decimal(2 * 601) / 3600
    assert load.amount(load.most) == Decimal("0.88")
    assert found.total("expected") == (None, None)
    assert found.total("most")[0] == look.most + 2


def test_a_trigger_may_set_another_timeout() -> None:
    """Service model, Action.Timeout: it overrides that of the job."""
    start = Definition(Kind.TRIGGER, "t", {"Type": "ON_DEMAND", "Actions": [{"JobName": "load", "Timeout": 30}]})
    (load,) = estimate(workflow(LOAD, start), HERE, {}, NOW).nodes
    assert load.most == 1


def test_a_crawl_has_a_minimum_and_no_maximum() -> None:
    """Ten minutes at least; a crawler has no timeout."""
    (crawl,) = estimate(workflow(CRAWL), HERE, {"crawl": 30}, NOW).nodes
    assert crawl.least == crawl.expected == Decimal(2) / 6
    assert crawl.most is None


def test_schedules_give_the_runs_of_a_month() -> None:
    """DG:monitor-data-warehouse-schedule; without a schedule the number is not known."""
    daily = trigger("t", "SCHEDULED", ["look"], Schedule="cron(0 6 * * ? *)")
    assert estimate(workflow(LOOK, daily), HERE, {}, NOW).runs_a_month == 30
    assert estimate(workflow(LOOK), HERE, {}, NOW).runs_a_month is None


def test_what_a_price_is_not_known_for_has_hours_and_no_money() -> None:
    """Prices are known for few regions; the user's own count everywhere."""
    elsewhere = amounts("sa-east-1")
    (load,) = estimate(workflow(LOAD), elsewhere, {}, NOW).nodes
    assert (load.least, load.amount(load.least)) == (Decimal(2) / 60, None)
    (load,) = estimate(workflow(LOAD), amounts("sa-east-1", {"spark": Decimal("0.60")}), {}, NOW).nodes
    assert load.amount(load.least) == Decimal("0.02")


def job_run(state: str, seconds: int, **members: Any) -> dict[str, Any]:
    """A job run that has ended."""
    times = {"StartedOn": NOW, "CompletedOn": NOW + timedelta(seconds=seconds + 5)}
    return {"JobName": "load", "Id": "jr_1", "JobRunState": state, "ExecutionTime": seconds, **times, **members}


@pytest.mark.parametrize(
    ("run", "hours"),
    [
        (job_run("SUCCEEDED", 600), Decimal(2) / 6),
        (job_run("FAILED", 3), Decimal(2) / 60),
        (job_run("FAILED", 0), Decimal(0)),
        (job_run("SUCCEEDED", 600, WorkerType="G.2X", NumberOfWorkers=3), Decimal(1)),
        (job_run("SUCCEEDED", 600, DPUSeconds=900.0), Decimal("0.25")),
        ({**job_run("RUNNING", 60), "CompletedOn": None}, None),
    ],
)
def test_a_job_run_is_billed_for_its_execution_time(run: dict[str, Any], hours: Decimal | None) -> None:
    """Service model: ExecutionTime is the time that the run consumed resources; DPUSeconds counts if given."""
    shape = {name: value for name, value in run.items() if value is not None}
    cost = job_run_cost(shape, LOAD.members, HERE)
    assert cost.dpu_hours == hours
    assert cost.is_reported == ("DPUSeconds" in run)


def test_every_attempt_and_crawl_of_a_run_costs() -> None:
    """A failed attempt is billed, too; ListCrawls reports the DPU-hours of a crawl."""
    failed, done = job_run("FAILED", 30), job_run("SUCCEEDED", 120, Id="jr_2")
    crawl = {"State": "SUCCEEDED", "StartedOn": NOW, "CompletedOn": NOW + timedelta(seconds=40), "LogStream": "c"}
    nodes = [
        {"Type": "TRIGGER", "Name": "t"},
        {"Type": "JOB", "Name": "load", "JobDetails": {"JobRuns": [failed, done]}},
        {"Type": "CRAWLER", "Name": "crawl", "CrawlerDetails": {"Crawls": [crawl]}},
    ]
    run = {"Graph": {"Nodes": nodes}}
    costs = run_costs(run, {"load": LOAD.members}, HERE)
    assert [one.dpu_hours for one in costs] == [Decimal(2) / 60, Decimal(2) / 30, Decimal(2) / 6]
    history = {"crawl": [{"StartTime": NOW + timedelta(seconds=1), "DPUHour": 0.5}]}
    assert run_costs(run, {"load": LOAD.members}, HERE, history)[-1].dpu_hours == Decimal("0.5")
    assert measured_seconds(run) == {"load": 120.0, "crawl": 40.0}


def test_orchestration_elsewhere() -> None:
    """aws.amazon.com/step-functions/pricing: $0.025 for 1,000 transitions; MWAA: $0.49 an hour, all month."""
    join = trigger("t", "CONDITIONAL", ["load"], ("a", "b"))
    whole = workflow(LOOK, LOAD, CRAWL, join)
    assert transitions(whole, {"crawl": 150}) == 1 + 2 + 1 + 1 + 3 * 3
    glue, steps, mwaa = alternatives(workflow(LOOK, LOAD, join), HERE, {}, 1000)
    assert (glue.a_run, glue.a_month) == (0, 0)
    assert (steps.a_run, steps.a_month) == (Decimal("0.0001"), Decimal("0.1"))
    assert (mwaa.a_run, mwaa.a_month) == (None, Decimal("352.80"))


def test_every_price_has_unit_source_and_region() -> None:
    """Amounts without a source do not help anyone."""
    assert all(one.amount > 0 and one.unit and one.source and one.regions for one in PRICES.values())
    assert amounts("nowhere-1") == {}


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("5m", 300), ("1h30m", 5400), ("1.5", 1.5)]
)
def test_durations(text: str, seconds: float) -> None:
    """As people write them."""
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "5 minutes", "m", "-5"])
def test_what_is_not_a_duration_is_refused(text: str) -> None:
    """The error states how to write one."""
    with pytest.raises(InvalidArgument, match="1h30m"):
        seconds_of(text)


def test_sizes_and_the_size_of_a_runs_input() -> None:
    """The catalogue's presence marker states bytes."""
    assert (bytes_of("1.5GB"), bytes_of("10 mb"), bytes_of("7")) == (1.5e9, 1e7, 7)
    assert measured_bytes({"WorkflowRunProperties": {"file_presence.bytes": "5", "a.presence.bytes": "6"}}) == 11
    assert measured_bytes({"WorkflowRunProperties": {"file_presence": "true"}}) is None
    with pytest.raises(InvalidArgument, match="not a size"):
        bytes_of("much")


def test_nodes_are_found_by_a_part_of_their_names() -> None:
    """Jobs have the workflow's name before theirs, and a random suffix after it."""
    names = [Definition(Kind.JOB, name) for name in ("orders_look_a1", "orders_load_b2", "orders_load_bad_c3")]
    assert node_named("look", names) == "orders_look_a1"
    assert node_named("orders_look", names) == "orders_look_a1"
    with pytest.raises(InvalidArgument, match="matches several"):
        node_named("load", names)
    with pytest.raises(InvalidArgument, match="is not one of"):
        node_named("report", names)
