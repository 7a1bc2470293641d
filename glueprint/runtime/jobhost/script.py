"""Runs a user's script as Python itself would, and records in one line why it failed.

The script finds what it would find as ``python script.py``: ``__main__``, its own argument vector, its folder
first on the module path. Its traceback starts in its own file, or in the sources of a bundled file (``sections``).

Every Python shell job waits for this module's imports: at the top only what Python has loaded at its start anyway.
"""

from __future__ import annotations

import builtins
import io
import os
import sys

from glueprint.runtime.jobhost import sections
from glueprint.runtime.jobhost.tracebacks import error_summary, install_hook, safe_str, trim_traceback
from glueprint.runtime.shared import rundir

TYPE_CHECKING = False  # as typing has it; typing itself takes milliseconds
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import CodeType

_DEBUGGER = "CUSTOMER_GLUEPRINT_DEBUGGER"
"""``debugger.SOCKET``, without loading the debugger."""
_LONG_MESSAGE, _HEAD, _TAIL = 10_000, 6_600, 3_300
"""Characters: the first is ``long_text.MAX_ERROR_LENGTH``, which a Python shell job cannot import."""


def run_script(
    script: str,
    arguments: Sequence[str],
    run_dir: str | None,
    lost_java: Callable[[BaseException], str | None] | None = None,
    reveal: Callable[[], None] | None = None,
    *,
    every_exit_fails: bool = False,
) -> int:
    """Run ``script`` to its end and return the exit status for the process.

    Args:
        script: the file; its path is what tracebacks and ``__file__`` show.
        arguments: what follows the script in ``sys.argv``.
        run_dir: where a failure is recorded (``error.json``); nowhere if ``None``.
        lost_java: what to record instead of an exception that only shows that Spark's Java process has ended.
        reveal: called once the script has failed; lets Glueprint's modules be imported that are hidden from it.
        every_exit_fails: ``sys.exit`` is a failure, whatever its status (:func:`exit_failure`).
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # the log is read while the job runs
    main = type(sys)("__main__")
    main.__dict__.update({"__file__": script, "__builtins__": builtins, "__spec__": None})
    sys.modules["__main__"] = main
    sys.argv = [script, *arguments]
    install_debugger()
    _find_own_modules()
    install_hook()
    codes: list[CodeType] = []
    try:
        with open(script, "rb") as file:
            codes = sections.compiled(script, file.read())
        for code in codes:
            exec(code, main.__dict__)
    except SystemExit as error:
        status = exit_status(error)
        if status != 0 or every_exit_fails:
            write_error(run_dir, exit_failure(error))
        return status or int(every_exit_fails)
    except BaseException as error:  # noqa: BLE001 - reported as Python does at top level
        trim_traceback(error, *sections.files(script, codes))
        sys.excepthook(type(error), error, error.__traceback__)
        if reveal is not None:
            reveal()
        if type(error).__name__ == "GlueArgumentError":
            _explain_missing_argument(safe_str(error), arguments)
        lost = None if lost_java is None else lost_java(error)
        write_error(run_dir, error_summary(error) if lost is None else {"message": lost})
        return 1
    return 0


def _explain_missing_argument(message: str, arguments: Sequence[str]) -> None:
    from glueprint.runtime.jobhost.argument_names import explanation

    text = explanation(message, arguments)
    if text is not None:
        print(f"glueprint: {text}", file=sys.stderr)  # noqa: T201 - the job's own error output


def _find_own_modules() -> None:
    """Let the script import what it installs with pip while it runs. The folder must exist when it is searched."""
    own = os.environ.get("PIP_TARGET")
    if own:
        os.makedirs(own, exist_ok=True)
        sys.path.insert(1, own)  # after the script's own folder


def install_debugger() -> None:
    """Let ``breakpoint()`` connect to ``glueprint job run --debug``, if that listens; may be repeated."""
    path = os.environ.get(_DEBUGGER)
    if path and sys.breakpointhook is sys.__breakpointhook__:
        from glueprint.runtime.jobhost.debugger import RemoteDebugger

        RemoteDebugger(path).install()


def exit_status(error: SystemExit) -> int:
    """Return Python's exit status for ``sys.exit(code)``; a text is printed on the error output, as in Python."""
    if error.code is None:
        return 0
    if isinstance(error.code, int):
        return error.code & 0xFF
    print(safe_str(error.code), file=sys.stderr)  # noqa: T201 - the script's own words
    return 1


def exit_failure(error: SystemExit) -> dict[str, object]:
    """Return the error of a script that ended with ``sys.exit``: ``SystemExit: 3``, or only ``SystemExit``.

    In a Spark job each is a failure, ``sys.exit(0)`` and ``sys.exit()`` too. Three public reports contain the
    ErrorMessage (``Error Category: SYSTEM_EXIT_ERROR; SystemExit: 0``); see docs/fidelity/runtime.md.
    """
    if error.code is None:
        return {"message": "SystemExit"}
    return {"type": "SystemExit", "message": safe_str(error.code)}


def write_error(run_dir: str | None, error: dict[str, object]) -> None:
    """Record in ``run_dir`` why the run failed: ``message``, with the exception's ``type`` if there is one.

    Long messages are shortened, because each listing of runs contains them; the error log has them in full.
    """
    if run_dir is None:
        return
    message = str(error["message"])
    if len(message) > _LONG_MESSAGE:
        note = f" ... ({len(message) - _HEAD - _TAIL:,} characters left out; the error log has all of it) ... "
        error = {**error, "message": f"{message[:_HEAD]}{note}{message[-_TAIL:]}"}
    try:
        rundir.write_json(run_dir, rundir.ERROR, error)
    except OSError:
        sys.__excepthook__(*sys.exc_info())  # the exit status still shows the failure
