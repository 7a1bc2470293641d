"""The last lines in the logs of a job run: an explanation if it failed, and a summary with figures."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from glueprint.local.logs import prepare_log
from glueprint.plain_files import GONE
from glueprint.runtime.failures import Ending, explanation, summary
from glueprint.runtime.processes.process import Ended

SUMMARY_STREAM = "-summary"
"""The stream of the output group with the summary is named by the run's id and this suffix."""
_TAIL_BYTES = 64 * 1024


def close_logs(logs_root: Path, group: str, run_id: str, status: Ended) -> str:
    """Complete the logs of an ended run, and return the summary; it may be repeated.

    Args:
        logs_root: the data directory's folder of logs.
        group: the run's group, without ``/output`` or ``/error``.
        run_id: its stream.
        status: how it ended.
    """
    log = prepare_log(logs_root, f"{group}/error", run_id)
    text = None if status.succeeded else explanation(_ending(status, log))
    if text is not None:
        _append(log, f"glueprint: {text}\n")
    seconds = None if status.started_at is None else max(0.0, status.ended_at - status.started_at)
    figures = summary(seconds, status.max_rss_bytes)
    prepare_log(logs_root, f"{group}/output", f"{run_id}{SUMMARY_STREAM}").write_text(f"{figures}\n", "utf-8")
    return figures


def _ending(status: Ended, log: Path) -> Ending:
    tail = ""
    with _opened(log, "rb") as file:
        if file is not None:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL_BYTES))
            tail = file.read().decode(errors="replace")
    return Ending(status.exit_status, status.signal, status.error, tail, status.stopped)


def _append(log: Path, line: str) -> None:
    """Add ``line`` as a new line, unless it is the last one already."""
    with _opened(log, "r+b") as file:
        if file is None:
            return
        text = line.encode()
        file.seek(max(0, file.seek(0, os.SEEK_END) - len(text)))
        last = file.read()
        if last != text:
            file.write((b"" if not last or last.endswith(b"\n") else b"\n") + text)


@contextlib.contextmanager
def _opened(log: Path, mode: str) -> Iterator[BinaryIO | None]:
    """Open a log; None if the job has replaced it by something else, such as a link."""
    try:
        file = open(log, mode, opener=_not_following)  # noqa: SIM115 - closed below
    except OSError as error:
        if error.errno not in (*GONE, errno.EISDIR, errno.ENXIO):
            raise
        yield None
        return
    with file:
        yield file if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else None  # type: ignore[misc]


def _not_following(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)
