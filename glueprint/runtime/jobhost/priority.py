"""Lets a process run behind others for a while, and like others again afterwards.

A process that was niced cannot go back without privilege. The scheduler's autogroup can (sched(7)): each session
of a desktop Linux is one, and any user may set it back to 0. So this module uses the autogroup where there is one,
niceness where that can be taken back, and otherwise does nothing.
"""

from __future__ import annotations

import contextlib
import os
import time

from glueprint.runtime.shared import os_process

_LOWERED_NICE = 5
"""A third of the weight of others: enough to start within a minute on a machine that is fully busy."""
_AUTOGROUP = "/proc/self/autogroup"
_AUTOGROUPS_ON = "/proc/sys/kernel/sched_autogroup_enabled"
_TRIES, _PAUSE_SECONDS = 10, 0.11
"""The kernel accepts such a change ten times a second, from all users other than root together."""


def lower_priority() -> None:
    """Let other processes run first. For the leader of its own session, before it starts other processes."""
    if _has_autogroup():
        _set_autogroup(_LOWERED_NICE)
    elif os.geteuid() == 0:
        os.setpriority(os.PRIO_PROCESS, 0, _LOWERED_NICE)


def restore_priority() -> None:
    """Let this process and all below it run like any other again."""
    if _has_autogroup():
        _set_autogroup(0)
    elif os.geteuid() == 0:
        for pid in (os.getpid(), *os_process.descendants(os.getpid())):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # ended meanwhile
                for thread in os.listdir(f"/proc/{pid}/task") if os.path.isdir("/proc/self/task") else [pid]:
                    os.setpriority(os.PRIO_PROCESS, int(thread), 0)


def _has_autogroup() -> bool:
    try:
        with open(_AUTOGROUPS_ON, encoding="ascii") as file:
            return file.read().strip() == "1" and os.access(_AUTOGROUP, os.W_OK)
    except OSError:
        return False


def _set_autogroup(nice: int) -> None:
    for _ in range(_TRIES):
        try:
            with open(_AUTOGROUP, "w", encoding="ascii") as file:
                file.write(str(nice))
        except BlockingIOError:
            time.sleep(_PAUSE_SECONDS)
        else:
            return
