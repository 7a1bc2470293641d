"""Two services of the Linux kernel that Python has no call for: prctl(2)'s parent-death signal and subreaper.

Imported by the supervisor, so only light modules of the standard library.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def die_with_parent(signal_number: int) -> bool:
    """Ask for ``signal_number`` when this process's parent ends, however it ends. False where that cannot
    be had.
    """
    return _prctl(_PR_SET_PDEATHSIG, signal_number)


def adopt_orphans() -> bool:
    """Become the parent of descendants whose own parent ends, setsid or not. False where that cannot be
    had.
    """
    return _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def load() -> Callable[..., int] | None:
    """The call itself, found once in a process; ``None`` where there is none."""
    global _call
    if _call is None and sys.platform == "linux":
        import ctypes

        _call = ctypes.CDLL(None).prctl
        # Linux reads five unsigned longs, whatever the option.
        _call.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    return _call


_call: Callable[..., int] | None = None


def _prctl(option: int, value: int) -> bool:
    prctl = load()
    return prctl is not None and prctl(option, value, 0, 0, 0) == 0
