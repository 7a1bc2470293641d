"""The lock of a workflow's state: one holder at a time, by conditional writes of one object in the bucket.

S3 writes the object only if there is none (If-None-Match) or if it is still the one that was read (If-Match), so
two processes never both get it. A killed holder leaves it; it is taken over without a word if the holder was on
this machine and its process is gone, else with ``--take-over``. A holder whose lock was taken over stops at its
next step.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import socket
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError

from glueprint.client.errors import GlueprintError, error_code
from glueprint.compat import UTC
from glueprint.deploy.change.state import FORMAT, StateStore

NAME = "lock.json"
CHECK_SECONDS = 1.0
"""How often the holder looks whether it still has the lock."""
RELEASE_ATTEMPTS = 3
_LOST = ("PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey", "412")


class Locked(GlueprintError):
    """Another process changes the workflow.

    Attributes:
        holder: who, where and since when.
    """

    def __init__(self, workflow: str, holder: str) -> None:
        super().__init__(
            f"workflow {workflow} is being changed by {holder}; nothing was changed",
            "wait for its end; if that process is gone, repeat the command with --take-over",
        )
        self.holder = holder


class LockLost(GlueprintError):
    """Another process has taken the lock over: this one must not change anything any more."""


@dataclass(frozen=True, slots=True)
class _Process:
    """This process, so that others can tell whether it is alive."""

    host: str
    machine: str
    pid: int
    started: str

    @classmethod
    def own(cls) -> _Process:
        """Return this process."""
        return cls(socket.gethostname(), _machine(), os.getpid(), _started(os.getpid()) or "")

    def is_gone(self, holder: Mapping[str, Any]) -> bool:
        """Whether another process was on this machine and has ended."""
        is_here = os.name == "posix" and holder.get("Machine") == self.machine
        if not is_here or not isinstance(holder.get("Pid"), int):
            return False
        try:
            os.kill(holder["Pid"], 0)
        except ProcessLookupError:
            return True
        except OSError:
            return False
        started = _started(holder["Pid"])
        return bool(started and holder.get("ProcessStarted") and started != holder["ProcessStarted"])


class Lock:
    """A lock that is held."""

    def __init__(self, store: StateStore, etag: str, content: Mapping[str, Any]) -> None:
        self._store = store
        self._etag = etag
        self._content = content
        self._checked = time.monotonic()

    def check(self) -> None:
        """Look whether this process still has the lock, at most once a second.

        Raises:
            LockLost: it has not.
        """
        if time.monotonic() - self._checked < CHECK_SECONDS:
            return
        found = self._store.read(NAME)
        if found is None or found[0].get("Id") != self._content["Id"]:
            holder = "" if found is None else f" by {_shown(found[0])}"
            raise LockLost(
                f"the lock of workflow {self._store.workflow} was taken over{holder}; this command stopped",
                "`glueprint plan` shows what is left to do",
            )
        self._checked = time.monotonic()

    def release(self) -> None:
        """Release the lock, unless another process has it now.

        A release that fails is not an error: what was to be done is done, and the next command takes over a lock
        of a process that is gone.
        """
        for _ in range(RELEASE_ATTEMPTS):
            try:
                self._store.write(NAME, {**self._content, "Released": True}, if_match=self._etag)
            except self._store.s3.exceptions.ClientError as error:  # noqa: PERF203 - three attempts
                if error_code(error) in _LOST:
                    return
            except BotoCoreError:
                continue
            else:
                return


@contextlib.contextmanager
def locked(store: StateStore, command: str, *, take_over: bool = False) -> Iterator[Lock]:
    """Hold the lock of a state while the block runs. A process that is killed in it leaves the lock.

    Args:
        store: the state.
        command: what the holder does, for others to read.
        take_over: take it from a holder that may be alive.

    Raises:
        Locked: another process has it.
    """
    lock = _acquire(store, command, take_over=take_over)
    try:
        yield lock
    except BaseException as error:
        if isinstance(error, (Exception, KeyboardInterrupt, SystemExit)):
            lock.release()
        raise
    lock.release()


def who() -> str:
    """Return the user and machine, as others see them."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid()) if hasattr(os, "getuid") else "unknown"
    return f"{user}@{socket.gethostname()}"


def now() -> str:
    """Return the time, ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _acquire(store: StateStore, command: str, *, take_over: bool) -> Lock:
    own = _Process.own()
    content = {
        "Format": FORMAT,
        "Id": uuid.uuid4().hex,
        "By": who(),
        "Machine": own.machine,
        "Pid": own.pid,
        "ProcessStarted": own.started,
        "Command": command,
        "Since": now(),
        "Released": False,
    }
    found = store.read(NAME)
    if found is not None:
        holder = found[0]
        if not holder.get("Released") and not take_over and not own.is_gone(holder):
            raise Locked(store.workflow, _shown(holder))
    try:
        if found is None:
            written = store.write(NAME, content, is_new=True)
        else:
            written = store.write(NAME, content, if_match=found[1])
    except store.s3.exceptions.ClientError as error:
        if error_code(error) not in _LOST:
            raise
        other = store.read(NAME)
        raise Locked(store.workflow, _shown(other[0]) if other is not None else "another process") from error
    return Lock(store, written, content)


def _shown(holder: Mapping[str, Any]) -> str:
    return (
        f"{holder.get('By')} (process {holder.get('Pid')}, {holder.get('Command')}, since {holder.get('Since')})"
    )


def _machine() -> str:
    """Return what distinguishes this machine, its start, and its container from others."""
    parts = [socket.gethostname()]
    with contextlib.suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
    with contextlib.suppress(OSError):
        parts.append(os.readlink("/proc/self/ns/pid"))
    return " ".join(parts)


def _started(pid: int) -> str | None:
    """Return when a process was started, in ticks since the machine's start; None where that is not known."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return text.rpartition(")")[2].split()[19]
