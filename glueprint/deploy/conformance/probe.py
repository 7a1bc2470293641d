"""What a probe is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from glueprint.deploy.conformance.lab import Lab
from glueprint.deploy.conformance.own_answers import OWN_ANSWERS

SHELL_RUN_DOLLARS = 0.0625 * 0.44 / 60
"""A Python shell job run of at most a minute: 1/16 DPU, billed for at least one minute (docs/facts/quotas.md)."""
SPARK_MINUTE_DOLLARS = 2 * 0.44 / 60
"""A minute of two G.1X workers (docs/facts/quotas.md)."""
CRAWL_DOLLARS = 2 * 0.44 * 10 / 60
"""A crawl: at least ten minutes, taken as two DPUs (docs/facts/quotas.md)."""


@dataclass(frozen=True, slots=True)
class Cost:
    """The most that a probe causes, as counts; everything else that probes use is free.

    Attributes:
        shell_runs: runs of Python shell jobs, a minute each.
        spark_minutes: of two G.1X workers.
        crawls: of a few small files.
    """

    shell_runs: int = 0
    spark_minutes: int = 0
    crawls: int = 0

    @property
    def dollars(self) -> float:
        """The price in us-east-1 (docs/facts/quotas.md, 2026-11)."""
        return (
            self.shell_runs * SHELL_RUN_DOLLARS
            + self.spark_minutes * SPARK_MINUTE_DOLLARS
            + self.crawls * CRAWL_DOLLARS
        )

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.shell_runs + other.shell_runs,
            self.spark_minutes + other.spark_minutes,
            self.crawls + other.crawls,
        )

    def __str__(self) -> str:
        parts = [
            f"{number} {what}"
            for number, what in (
                (self.shell_runs, "Python shell runs"),
                (self.spark_minutes, "Spark minutes"),
                (self.crawls, "crawls"),
            )
            if number
        ]
        return f"{', '.join(parts)}: ${self.dollars:.3f}" if parts else "free"


FREE = Cost()


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a fidelity page.

    Attributes:
        page: the file's name without ``.md``.
        behaviour: the text of its first cell.
    """

    page: str
    behaviour: str


@dataclass(frozen=True, slots=True)
class Probe:
    """One question.

    Attributes:
        name: unique; in lower case with hyphens.
        question: what is to be found out, as a question.
        how: what the probe does and looks at.
        rows: of docs/fidelity that the answer confirms or corrects.
        observe: asks it.
        cost: the most that it causes.
    """

    name: str
    question: str
    how: str
    rows: Sequence[Row]
    observe: Callable[[Lab], Any] = field(repr=False)
    cost: Cost = FREE

    @property
    def glueprint(self) -> Any:
        """Glueprint's own answer, as JSON. Tests run each probe against the local Glue and compare."""
        return OWN_ANSWERS[self.name]


def rows(page: str, *behaviours: str) -> tuple[Row, ...]:
    """Return rows of one page."""
    return tuple(Row(page, one) for one in behaviours)
