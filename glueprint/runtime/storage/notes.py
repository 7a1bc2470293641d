"""What a sink did other than a script may think: lines on the job's error output."""

from __future__ import annotations

import sys


def tell(text: str) -> None:
    """One line for whoever reads the job's log."""
    print(f"glueprint: {text}", file=sys.stderr)  # noqa: T201 - the job's own error output
