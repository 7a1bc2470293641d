"""What the orchestration would cost elsewhere; Glue charges for jobs and crawlers only, not for workflows and
triggers.

The jobs and crawlers themselves cost the same, whoever starts them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from glueprint.deploy.definitions.model import Kind, WorkflowDefinition
from glueprint.facts.prices import FREE_TRANSITIONS

POLL_SECONDS = 60
"""Between two looks at a crawler: Step Functions waits for jobs (``glue:startJobRun.sync``), not for crawlers."""
STATES_OF_A_POLL = 3
"""Wait, GetCrawler, Choice."""
HOURS_A_MONTH = 720


@dataclass(frozen=True)
class Alternative:
    """One other orchestrator.

    Attributes:
        a_run: money for the orchestration of one run; None if it is not known, or not paid by the run.
        a_month: money for a month; None if it is not known.
        how: what the figures rest on.
    """

    name: str
    a_run: Decimal | None
    a_month: Decimal | None
    how: str


def transitions(definition: WorkflowDefinition, seconds: Mapping[str, float]) -> int:
    """Return the state transitions of one run of a standard state machine that does the same.

    One for the start, one for each job, one for each trigger that joins several nodes (a Parallel state), and for
    each crawler its start and the polls until it is ready.
    """
    count = 1 + len(definition.jobs)
    for trigger in definition.triggers:
        count += len((trigger.members.get("Predicate") or {}).get("Conditions", ())) > 1
    for crawler in definition.crawlers:
        polls = max(1, math.ceil(seconds.get(crawler.name, POLL_SECONDS) / POLL_SECONDS))
        count += 1 + STATES_OF_A_POLL * polls
    return count


def alternatives(
    definition: WorkflowDefinition,
    amounts: Mapping[str, Decimal],
    seconds: Mapping[str, float],
    runs_a_month: int | None,
) -> tuple[Alternative, ...]:
    """Return the orchestration's cost in Glue, Step Functions and MWAA."""
    number, price, hour = transitions(definition, seconds), amounts.get("transitions"), amounts.get("mwaa")
    a_run = None if price is None else number * price / 1000
    a_month = None if a_run is None or runs_a_month is None else a_run * runs_a_month
    crawlers = any(one.kind is Kind.CRAWLER for one in definition.nodes)
    polling = f", crawlers polled every {POLL_SECONDS} s" if crawlers else ""
    environment = None if hour is None else hour * HOURS_A_MONTH
    return (
        Alternative("Glue workflow", Decimal(0), Decimal(0), "no charge for workflows and triggers"),
        Alternative(
            "Step Functions",
            a_run,
            a_month,
            f"{number} state transitions a run{polling}; the first {FREE_TRANSITIONS:,} a month are free",
        ),
        Alternative("MWAA", None, environment, "one mw1.small environment, all month, for all its workflows"),
    )
