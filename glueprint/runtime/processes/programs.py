"""Modules of Glueprint as programs: each in a new Python that runs the module's ``main``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import IO

import glueprint


def own_program(module: str, *arguments: str) -> tuple[str, ...]:
    """Return the argv that runs ``main(*arguments)`` of ``glueprint.runtime.<module>``.

    What ``main`` returns is the exit status.
    """
    code = (
        # First on the path while glueprint is imported: otherwise all of site-packages is listed first.
        "import sys; sys.path.insert(0, sys.argv[1]); "
        f"from glueprint.runtime.{module} import main; sys.path.append(sys.path.pop(0)); "
        "sys.exit(main(*sys.argv[2:]))"
    )
    return sys.executable, "-I", "-c", code, _package_root(), *arguments


def start_apart(
    module: str, *arguments: str, stdin: int, stdout: int | IO[bytes], stderr: int | IO[bytes] | None
) -> subprocess.Popen[bytes]:
    """Start a Python that runs a module's ``main`` in its own session, without site packages."""
    code = (
        "import os, sys; sys.path.append(sys.argv[1]); "
        f"from glueprint.runtime.{module} import main; main(*sys.argv[2:]); "
        "os._exit(0)"  # the watcher waits for a supervisor's end: skip the interpreter's cleanup
    )
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", code, _package_root(), *arguments],
        env={},
        cwd="/",
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
    )


def _package_root() -> str:
    return str(Path(glueprint.__file__).parent.parent)
