"""Lines about data quality in the error log of a job or a run."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from glueprint.runtime.quality.outcomes import Outcome


def note(text: str) -> None:
    """Write a line to the process's error output."""
    print(f"Data quality: {text}", file=sys.stderr, flush=True)  # noqa: T201 - the job's own error output


def note_outcomes(outcomes: Sequence[Outcome], name: str) -> None:
    """Write how many rules passed, and for each that failed why."""
    failed = [one for one in outcomes if not one.passed]
    note(f"{name}: {len(outcomes) - len(failed)} of {len(outcomes)} rules passed")
    for one in failed:
        note(f"  failed: {one.rule}: {one.reason}")
