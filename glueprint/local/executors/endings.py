"""What stands in the logs behind an ended job run: an explanation where one is needed, and the line of figures."""

from __future__ import annotations

from pathlib import Path

from glueprint.local.logs import prepare_log
from glueprint.runtime.failures import Ending, explanation, summary
from glueprint.runtime.processes.process import Ended

SUMMARY_STREAM = "-summary"
"""Behind the run's id: the stream of the output group that holds the line of figures."""
_TAIL_BYTES = 64 * 1024


def close_logs(logs_root: Path, group: str, run_id: str, status: Ended) -> str:
    """Complete the logs of an ended run; the line of figures. May be repeated.

    Args:
        logs_root: the data directory's folder of logs.
        group: the run's group, without ``/output`` or ``/error``.
        run_id: its stream.
        status: how it ended.
    """
    log = prepare_log(logs_root, f"{group}/error", run_id)
    told = None if status.succeeded else explanation(_ending(status, log))
    if told is not None:
        _append(log, f"glueprint: {told}\n")
    seconds = None if status.started_at is None else max(0.0, status.ended_at - status.started_at)
    figures = summary(seconds, status.max_rss_bytes)
    prepare_log(logs_root, f"{group}/output", f"{run_id}{SUMMARY_STREAM}").write_text(f"{figures}\n", "utf-8")
    return figures


def _ending(status: Ended, log: Path) -> Ending:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
        tail = file.read().decode(errors="replace")
    return Ending(status.exit_status, status.signal, status.error, tail, status.stopped)


def _append(log: Path, line: str) -> None:
    """Add ``line``, on a line of its own, unless it is the last one already."""
    text = log.read_bytes()
    if text.endswith(line.encode()):
        return
    with log.open("ab") as file:
        file.write((b"" if not text or text.endswith(b"\n") else b"\n") + line.encode())
