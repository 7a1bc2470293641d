"""How a program ended, as far as can be known from outside, and the line of figures for it."""

from __future__ import annotations

import signal as signals
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ending:
    """One ended run.

    ``exit_status`` or ``signal`` is set if it ran. ``error`` is its own error message (``ValueError: ...``), as in
    ErrorMessage; ``log_tail`` is the end of its error log. ``stopped``: its end was requested.
    """

    exit_status: int | None = None
    signal: int | None = None
    error: str | None = None
    log_tail: str = ""
    stopped: bool = False

    @property
    def failed(self) -> bool:
        """Whether it failed by itself."""
        return self.exit_status != 0 and not self.stopped

    @property
    def killed(self) -> bool:
        """Whether it was ended by SIGKILL.

        137 is the status with which a shell, or a program that passes on its child's end, reports the same.
        """
        return self.signal == signals.SIGKILL or self.exit_status == 128 + signals.SIGKILL

    @property
    def output(self) -> str:
        """Its error message, then the end of its log."""
        return f"{self.error or ''}\n{self.log_tail}"


def summary(seconds: float | None, peak_bytes: int | None) -> str:
    """Return the line of figures, for example ``ran 3.2 s, peak memory 412 MiB``.

    Args:
        seconds: duration of the script; None if it never ran.
        peak_bytes: resident memory of its largest process, Python or Java; None if unknown.
    """
    took = "did not run" if seconds is None else f"ran {seconds:.1f} s"
    memory = "" if peak_bytes is None else f", peak memory {peak_bytes / (1 << 20):.0f} MiB"
    return f"{took}{memory}"
