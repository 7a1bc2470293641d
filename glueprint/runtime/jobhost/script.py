"""Run a user's script as Python itself would, and say in a line why it failed.

The script sees what it would see as ``python script.py``: ``__main__``, its own argument vector, its folder first
on the module path. Its traceback begins in its own file.

Every Python shell job waits for this module's imports: at the top only what Python has loaded at its start anyway.
"""

from __future__ import annotations

import builtins
import io
import os
import sys

from glueprint.runtime import rundir

TYPE_CHECKING = False  # as typing has it; typing itself takes milliseconds
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

_DEBUGGER = "CUSTOMER_GLUEPRINT_DEBUGGER"
"""``debugger.SOCKET``, without loading the debugger."""
_UNKNOWN_BUCKET = r"Could not initialize target File System for URI : (s3[an]?://[^/]+)"
"""How Hadoop's view file system says that nothing is mounted for a bucket."""


def run(script: str, arguments: Sequence[str], run_dir: str | None) -> int:
    """Run ``script`` to its end; the exit status that the process shall have.

    Args:
        script: the file; its path is what tracebacks and ``__file__`` show.
        arguments: what follows the script in ``sys.argv``.
        run_dir: where a failure leaves its one line (``error.json``); nowhere when ``None``.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # the log is read while the job runs
    main = type(sys)("__main__")
    main.__dict__.update({"__file__": script, "__builtins__": builtins, "__spec__": None})
    sys.modules["__main__"] = main
    sys.argv = [script, *arguments]
    install_debugger()
    try:
        with open(script, "rb") as file:  # bytes: compile() then honours the file's coding line
            code = compile(file.read(), script, "exec", dont_inherit=True)
        exec(code, main.__dict__)
    except SystemExit as error:
        status = _exit_status(error)
        if status != 0:
            leave_word(run_dir, {"type": "SystemExit", "message": str(error.code)})
        return status
    except BaseException as error:  # noqa: BLE001 - reported as Python does at top level
        own = _own_frames(error.__traceback__, script)
        error.__traceback__ = own
        sys.excepthook(type(error), error, own)
        leave_word(run_dir, failure_word(error))
        return 1
    return 0


def install_debugger() -> None:
    """Let ``breakpoint()`` stop where ``glueprint job run --debug`` listens, if it does; may be repeated."""
    path = os.environ.get(_DEBUGGER)
    if path and sys.breakpointhook is sys.__breakpointhook__:
        from glueprint.runtime.jobhost.debugger import RemoteDebugger

        RemoteDebugger(path).install()


def failure_word(error: BaseException) -> dict[str, object]:
    """What Glue shows of an exception in ``ErrorMessage``: type and text, no Java stack, no query plan.

    An error from Java is only its text: ``An error occurred while calling o90.save. <the innermost Java cause>``.
    """
    kind, lines = type(error), str(error).splitlines() or [""]
    if kind.__name__ == "Py4JJavaError":
        return {"message": f"{lines[0]} {_innermost_cause(lines)}".strip()}
    text = lines[0].rstrip(";") if kind.__module__.startswith("pyspark.") else str(error)
    if not text:
        return {"message": kind.__name__}
    return {"type": kind.__name__, "message": text}


def _innermost_cause(lines: list[str]) -> str:
    """The message of the last exception in a Java stack trace."""
    causes = [line for line in lines if line.startswith(("Caused by: ", ": "))]
    if not causes:
        return ""
    message = causes[-1].removeprefix("Caused by").removeprefix(": ").partition(": ")[2]
    import re

    if unknown := re.search(_UNKNOWN_BUCKET, message):
        return f"NoSuchBucket: the specified bucket does not exist: {unknown[1]}"
    return message


def _exit_status(error: SystemExit) -> int:
    """The status that Python gives to ``sys.exit(code)``."""
    if error.code is None:
        return 0
    if isinstance(error.code, int):
        return error.code & 0xFF
    print(error.code, file=sys.stderr)  # noqa: T201 - as Python does
    return 1


def _own_frames(trace: TracebackType | None, script: str) -> TracebackType | None:
    """``trace`` from the first frame of the script on; nothing when it failed before that (it does not
    compile).
    """
    while trace is not None and trace.tb_frame.f_code.co_filename != script:
        trace = trace.tb_next
    return trace


def leave_word(run_dir: str | None, word: dict[str, object]) -> None:
    """Say in ``run_dir`` why the run failed: ``message``, with the exception's ``type`` if there is one."""
    if run_dir is None:
        return
    try:
        rundir.write_json(run_dir, rundir.ERROR, word)
    except OSError:
        sys.__excepthook__(*sys.exc_info())  # the exit status still tells of the failure
