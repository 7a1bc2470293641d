"""How Glue bills: DPUs, the minimum, and the price of a job or crawler (docs/facts/quotas.md#prices)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from glueprint.facts.defaults import job_with_defaults

WORKER_DPUS: Mapping[str, Decimal] = {
    "Standard": Decimal(1),
    "G.025X": Decimal("0.25"),
    "G.1X": Decimal(1),
    "G.2X": Decimal(2),
    "G.4X": Decimal(4),
    "G.8X": Decimal(8),
    "G.12X": Decimal(12),
    "G.16X": Decimal(16),
    "R.1X": Decimal(1),
    "R.2X": Decimal(2),
    "R.4X": Decimal(4),
    "R.8X": Decimal(8),
    "Z.2X": Decimal(2),
}
"""DPUs of a worker, memory DPUs of R and Z workers (docs/facts/jobs.md#capacity)."""

CRAWLER_DPUS = Decimal(2)
"""Of a crawl: no operation states it before the crawl; the examples of the pricing page have 2."""
CRAWLER_MINIMUM_SECONDS = 600
JOB_MINIMUM_SECONDS = 60
OLD_JOB_MINIMUM_SECONDS = 600
"""Of Glue 0.9 and 1.0."""

_HOUR = Decimal(3600)


@dataclass(frozen=True)
class Rate:
    """How runs of one job or crawler are billed.

    Attributes:
        label: its capacity, for people.
        dpus: that run at the same time.
        minimum_seconds: a shorter run is billed as this long.
        price: name of the price of a DPU-hour.
    """

    label: str
    dpus: Decimal
    minimum_seconds: int
    price: str

    def dpu_hours(self, seconds: float) -> Decimal:
        """Return what a duration is billed as: full seconds, and at least the minimum."""
        billed = max(math.ceil(round(seconds, 3)), self.minimum_seconds)
        return self.dpus * Decimal(billed) / _HOUR


CRAWLER_RATE = Rate("crawler", CRAWLER_DPUS, CRAWLER_MINIMUM_SECONDS, "crawler")


def job_rate(job: Mapping[str, Any]) -> Rate:
    """Return how runs of a job are billed.

    Args:
        job: a CreateJob request, a job or a job run as the API returns it.
    """
    full = job_with_defaults({**job, "Command": job.get("Command") or {}})
    command, version = str(full["Command"].get("Name", "glueetl")), str(full.get("GlueVersion", ""))
    worker, number = full.get("WorkerType"), full.get("NumberOfWorkers")
    if command == "pythonshell":
        dpus = Decimal(str(full["MaxCapacity"]))
        return Rate(f"{_plain(dpus)} DPU", dpus, JOB_MINIMUM_SECONDS, "shell")
    major = int(version.partition(".")[0]) if version[:1].isdigit() else 0
    minimum = OLD_JOB_MINIMUM_SECONDS if version in ("0.9", "1.0") else JOB_MINIMUM_SECONDS
    if worker is None:
        dpus = Decimal(str(full.get("MaxCapacity") or 10))
        label = f"{_plain(dpus)} DPU"
    else:
        dpus = WORKER_DPUS[worker] * Decimal(number or 0)
        label = f"{number} x {worker}"
    price = _price(command, worker or "", full.get("ExecutionClass") == "FLEX")
    if major >= 6 and price in ("spark", "flex", "memory"):
        price = f"{price}-6"
    return Rate(f"{label} flex" if price.startswith("flex") else label, dpus, minimum, price)


def _price(command: str, worker: str, is_flex: bool) -> str:
    if command == "glueray" or worker.startswith("Z."):
        return "ray"
    if is_flex:
        return "flex"
    return "memory" if worker.startswith("R.") else "spark"


def money(dpu_hours: Decimal | None, price: Decimal | None) -> Decimal | None:
    """Return an amount; None if the hours or the price are not known."""
    return None if dpu_hours is None or price is None else dpu_hours * price


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")
