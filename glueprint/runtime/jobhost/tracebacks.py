"""What is told of an exception that ended a script: its traceback without frames of ours, and one line.

Imported with ``script``: only what Python has loaded at its start anyway.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False  # as typing has it; typing itself takes milliseconds
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

_RUNTIME = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_AS_ON_AWS = os.path.join(_RUNTIME, "shell_modules")
"""Modules of ours that stand for Glue's own: their frames are seen on AWS too."""
_UNKNOWN_BUCKET = r"Could not initialize target File System for URI : (s3[an]?://[^/]+)"
"""How Hadoop's view file system says that nothing is mounted for a bucket."""
_TRACEBACK = "Traceback (most recent call last):"


def trim_traceback(error: BaseException, script: str) -> None:
    """Leave only what the script's author knows in the traceback of ``error`` and of what it came from.

    It begins in the script. It does not end in our stand-ins for Glue's JVM, nor in the debugger: where those
    raise, the script's call, or that of Amazon's package, is where it happened. Of an exception that ours made
    another one from, only the frames of others are shown; when there are none, it is not.
    """
    error.__traceback__ = _without_end(_from_script(error.__traceback__, script))
    seen = {id(error)}
    current = error
    while (origin := current.__cause__ or current.__context__) is not None and id(origin) not in seen:
        seen.add(id(origin))
        trace = _without_end(_without_beginning(origin.__traceback__))
        if trace is None and origin.__traceback__ is not None:
            before = origin.__cause__ or origin.__context__
            current.__cause__, current.__context__, current.__suppress_context__ = None, before, False
        else:
            origin.__traceback__ = trace
            current = origin


def error_summary(error: BaseException) -> dict[str, object]:
    """What Glue shows of an exception in ``ErrorMessage``: type and text, no Java stack, no query plan.

    An error from Java is only its text: ``An error occurred while calling o90.save. <the innermost Java cause>``.
    One from a function that Spark called in Python is that function's own.
    """
    kind, text = type(error), safe_str(error)
    lines = text.splitlines() or [""]
    if kind.__name__ == "Py4JJavaError":
        return {"message": f"{lines[0]} {_innermost_cause(lines)}".strip()}
    if kind.__module__.startswith("pyspark."):
        text = _raised(lines) or lines[0].rstrip(";")
    if not text:
        return {"message": kind.__name__}
    return {"type": kind.__name__, "message": text}


def safe_str(value: object) -> str:
    """``str(value)``; if that fails, what Python's own traceback prints instead."""
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - it is the script's code, and may raise anything
        return "<exception str() failed>"


def _innermost_cause(lines: Sequence[str]) -> str:
    """The message of the last exception in a Java stack trace that has one; else the kind of the last."""
    causes = [number for number, line in enumerate(lines) if line.startswith(("Caused by: ", ": "))]
    told = [lines[number].removeprefix("Caused by").removeprefix(": ").partition(": ") for number in causes]
    if not told:
        return ""
    last = next((place for place in reversed(range(len(told))) if told[place][2]), None)
    if last is None:
        return told[-1][0]
    message = told[last][2]
    if message == _TRACEBACK:
        return _raised(lines[causes[last] :])
    import re

    if unknown := re.search(_UNKNOWN_BUCKET, message):
        return f"NoSuchBucket: the specified bucket does not exist: {unknown[1]}"
    return message


def _raised(lines: Sequence[str]) -> str:
    """The line of the exception that a Python traceback within ``lines`` ends with; empty if there is none."""
    within = False
    for line in lines:
        if line.endswith(_TRACEBACK):
            within = True
        elif within and line and not line[0].isspace():
            return line
    return ""


def _from_script(trace: TracebackType | None, script: str) -> TracebackType | None:
    """``trace`` from the first frame of the script on; nothing when it failed before that (it does not
    compile).
    """
    while trace is not None and trace.tb_frame.f_code.co_filename != script:
        trace = trace.tb_next
    return trace


def _without_beginning(trace: TracebackType | None) -> TracebackType | None:
    """``trace`` from its first frame on that is not of ours."""
    while trace is not None and _is_ours(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    return trace


def _without_end(trace: TracebackType | None) -> TracebackType | None:
    """``trace`` up to its last frame that is not of ours; nothing when all are."""
    last, step = None, trace
    while step is not None:
        if not _is_ours(step.tb_frame.f_code.co_filename):
            last = step
        step = step.tb_next
    if last is None:
        return None
    last.tb_next = None
    return trace


def _is_ours(path: str) -> bool:
    if os.path.basename(path) == "bdb.py":
        return True
    return path.startswith(_RUNTIME + os.sep) and not path.startswith(_AS_ON_AWS + os.sep)
