"""The line of figures that stands behind every run."""

from __future__ import annotations


def summary(seconds: float | None, peak_bytes: int | None) -> str:
    """For example ``ran 3.2 s, peak memory 412 MiB``.

    Args:
        seconds: of its own code; None when that never ran.
        peak_bytes: resident memory of its largest process, Python or Java; None when unknown.
    """
    took = "did not run" if seconds is None else f"ran {seconds:.1f} s"
    memory = "" if peak_bytes is None else f", peak memory {peak_bytes / (1 << 20):.0f} MiB"
    return f"{took}{memory}"
