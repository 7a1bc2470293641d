"""What is reported of an exception that ended a script: its traceback without Glueprint's frames, and one line.

Imported with ``script``: imports only what Python has loaded at its start anyway.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # as typing has it; typing itself takes milliseconds
if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import ExceptHookArgs
    from types import TracebackType

_RUNTIME = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_OWN = (_RUNTIME + os.sep, os.path.join(os.path.dirname(_RUNTIME), "dqdl") + os.sep)
_SHOWN_ON_AWS = tuple(os.path.join(_RUNTIME, name) + os.sep for name in ("shell_modules", "spark_modules"))
"""Glueprint's modules that replace Glue's own: their frames appear on AWS, too."""


_prints_with_linecache = False
_with_s3_names: Callable[[str], str] | None = None
"""Replaces the local paths of objects in a text by their names in S3; set in Spark jobs."""


def install_hook() -> None:
    """Replace Python's own hook by one that can print with ``linecache``; before other hooks are put around it."""
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _print


def use_linecache() -> None:
    """Print tracebacks with ``linecache`` from now on, which knows the sources of bundled files.

    The interpreter's own printer opens files, and for a source's name finds the bundled file of that name.
    """
    import threading

    global _prints_with_linecache
    _prints_with_linecache = True
    if threading.excepthook is getattr(threading, "__excepthook__", threading.excepthook):  # from Python 3.10 on
        threading.excepthook = _print_of_thread


def show_s3_names(local_path: str) -> None:
    """Show objects of S3 by their names there from now on, where Hadoop names local paths.

    Args:
        local_path: the regular expression of what stands for ``s3://``.
    """
    import functools
    import re

    global _with_s3_names
    _with_s3_names = functools.partial(re.compile(local_path).sub, "s3://")


def _print(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not _prints_with_linecache and _with_s3_names is None:
        sys.__excepthook__(kind, error, trace)
        return
    import traceback

    text = "".join(traceback.format_exception(kind, error, trace))
    print(text if _with_s3_names is None else _with_s3_names(text), file=sys.stderr, end="")  # noqa: T201 - as Python


def _print_of_thread(failure: ExceptHookArgs) -> None:
    if failure.exc_value is None or issubclass(failure.exc_type, SystemExit):
        return
    name = failure.thread.name if failure.thread is not None else "unknown"
    print(f"Exception in thread {name}:", file=sys.stderr)  # noqa: T201 - as Python does
    _print(failure.exc_type, failure.exc_value, failure.exc_traceback)


def trim_traceback(error: BaseException, *scripts: str) -> None:
    """Remove Glueprint's frames from the traceback of ``error`` and of its causes.

    The traceback starts in one of the files ``scripts``. It does not end in the stand-ins for Glue's JVM, nor in
    the debugger: if those raise, it ends at the call of the script or of Amazon's package. Causes without other
    frames are removed.
    """
    error.__traceback__ = _without_end(_from_script(error.__traceback__, scripts))
    seen = {id(error)}
    current = error
    while (origin := current.__cause__ or current.__context__) is not None and id(origin) not in seen:
        seen.add(id(origin))
        trace = _without_end(_without_start(origin.__traceback__))
        if trace is None and origin.__traceback__ is not None:
            before = origin.__cause__ or origin.__context__
            current.__cause__, current.__context__, current.__suppress_context__ = None, before, False
        else:
            origin.__traceback__ = trace
            current = origin


def error_summary(error: BaseException) -> dict[str, object]:
    """Return what Glue shows of an exception in ``ErrorMessage``: type and text, no Java stack, no query plan.

    Of an error from Java only the text: ``An error occurred while calling o90.save. <the reason>``.
    Of an error in a Python function that Spark called, the error of that function.
    """
    summary = _summary(error)
    if _with_s3_names is not None:
        summary["message"] = _with_s3_names(summary["message"])
    return {**summary}


def _summary(error: BaseException) -> dict[str, str]:
    kind, text = type(error), safe_str(error)
    lines = text.splitlines() or [""]
    if kind.__name__ == "Py4JJavaError":
        from glueprint.runtime.jobhost import java_errors

        return {"message": f"{lines[0]} {java_errors.reason(lines)}".strip()}
    if kind.__module__.startswith("pyspark."):
        from glueprint.runtime.jobhost import java_errors

        first = next((line.strip() for line in lines if line.strip()), "")
        text = java_errors.raised_in_python(lines) or first.rstrip(";")
    if not text:
        return {"message": kind.__name__}
    return {"type": kind.__name__, "message": text}


def safe_str(value: object) -> str:
    """Return ``str(value)``; if that fails, what Python's own traceback prints instead."""
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - it is the script's code, and may raise anything
        return "<exception str() failed>"


def _from_script(trace: TracebackType | None, scripts: tuple[str, ...]) -> TracebackType | None:
    """Return ``trace`` from the script's first frame on; nothing if it failed before (it does not compile)."""
    while trace is not None and trace.tb_frame.f_code.co_filename not in scripts:
        trace = trace.tb_next
    return trace


def _without_start(trace: TracebackType | None) -> TracebackType | None:
    """Return ``trace`` from its first frame that is not Glueprint's."""
    while trace is not None and _is_glueprints(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    return trace


def _without_end(trace: TracebackType | None) -> TracebackType | None:
    """Return ``trace`` up to its last frame that is not Glueprint's; nothing if all are."""
    last, step = None, trace
    while step is not None:
        if not _is_glueprints(step.tb_frame.f_code.co_filename):
            last = step
        step = step.tb_next
    if last is None:
        return None
    last.tb_next = None
    return trace


def _is_glueprints(path: str) -> bool:
    if os.path.basename(path) == "bdb.py":
        return True
    return path.startswith(_OWN) and not path.startswith(_SHOWN_ON_AWS)
