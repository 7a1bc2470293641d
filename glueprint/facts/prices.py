"""Prices of Glue and of two other orchestrators, each with its unit, source, date and regions. In US dollars.

AWS's pricing pages load their tables by script; the figures are from texts of the pages, or from public texts that
quote them, as each source states. They are known for few regions: elsewhere only a price that the user gives
counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

READ = "2026-11-30"
"""When the sources were read."""

_GLUE_PAGE = "aws.amazon.com/glue/pricing, as recorded in docs/facts/quotas.md#prices"
_GLUE_SUMMARY = "a public summary of aws.amazon.com/glue/pricing for US East (N. Virginia), Glue 5.1 and 6.0"
_RAY_SUMMARIES = "public texts that quote aws.amazon.com/glue/pricing"
_STEP_FUNCTIONS_PAGE = "aws.amazon.com/step-functions/pricing, table of state transitions"
_MWAA_SUMMARIES = "public summaries of aws.amazon.com/managed-workflows-for-apache-airflow/pricing"

HOME = frozenset({"us-east-1"})
_STEP_FUNCTIONS = frozenset(
    {
        *("us-east-1", "us-east-2", "us-west-2", "ca-central-1", "eu-west-1", "eu-central-1", "eu-west-2"),
        *("eu-north-1", "ap-southeast-1", "ap-northeast-1", "ap-southeast-2"),
    }
)


@dataclass(frozen=True)
class Price:
    """One price.

    Attributes:
        unit: what it is for.
        regions: where it is known to be the price.
    """

    name: str
    amount: Decimal
    unit: str
    source: str
    regions: frozenset[str] = HOME


_PRICES = (
    Price("spark", Decimal("0.44"), "DPU-hour of Spark jobs up to Glue 5.1", _GLUE_PAGE),
    Price("spark-6", Decimal("0.308"), "DPU-hour of Spark jobs from Glue 6.0", _GLUE_PAGE),
    Price("flex", Decimal("0.29"), "DPU-hour of Flex execution up to Glue 5.1", _GLUE_SUMMARY),
    Price("flex-6", Decimal("0.203"), "DPU-hour of Flex execution from Glue 6.0", _GLUE_SUMMARY),
    Price("memory", Decimal("0.52"), "memory DPU-hour of R workers up to Glue 5.1", _GLUE_SUMMARY),
    Price("memory-6", Decimal("0.364"), "memory DPU-hour of R workers from Glue 6.0", _GLUE_SUMMARY),
    Price("shell", Decimal("0.44"), "DPU-hour of Python shell jobs", _GLUE_PAGE),
    Price("ray", Decimal("0.44"), "memory DPU-hour of Ray jobs", _RAY_SUMMARIES),
    Price("crawler", Decimal("0.44"), "DPU-hour of crawlers", _GLUE_PAGE),
    Price("transitions", Decimal("0.025"), "1,000 state transitions", _STEP_FUNCTIONS_PAGE, _STEP_FUNCTIONS),
    Price("mwaa", Decimal("0.49"), "hour of an mw1.small environment", _MWAA_SUMMARIES, HOME | {"ap-northeast-1"}),
)
PRICES: Mapping[str, Price] = {price.name: price for price in _PRICES}

FREE_TRANSITIONS = 4000
"""State transitions of Step Functions each month that cost nothing, for all state machines of an account."""


def amounts(region: str, given: Mapping[str, Decimal] | None = None) -> dict[str, Decimal]:
    """Return the amounts that are known in a region, by name; those that the user gives take precedence."""
    known = {name: price.amount for name, price in PRICES.items() if region in price.regions}
    return {**known, **(given or {})}
