"""Two services of the Linux kernel that Python has no call for: prctl(2)'s parent-death signal and subreaper.

Imported by the supervisor, so only light modules of the standard library.
"""

from __future__ import annotations

import sys

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


def _prctl(option: int, value: int) -> bool:
    if sys.platform != "linux":
        return False
    import ctypes

    # Linux reads five unsigned longs, whatever the option.
    arguments = [ctypes.c_ulong(number) for number in (value, 0, 0, 0)]
    return bool(ctypes.CDLL(None).prctl(option, *arguments) == 0)
