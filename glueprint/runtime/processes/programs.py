"""Modules of Glueprint as programs: each in a new Python that runs the module's ``main``."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, NamedTuple

import glueprint

_PACKAGE = Path(glueprint.__file__).parent


class Interpreter(NamedTuple):
    """A Python that runs modules of Glueprint.

    Attributes:
        executable: the Python.
        root: the directory whose ``glueprint`` it loads; added to its module path.
    """

    executable: str
    root: str


OWN = Interpreter(sys.executable, str(_PACKAGE.parent))
"""The Python that runs this."""


def other_interpreter(executable: Path, links: Path) -> Interpreter:
    """Return another Python, which shares no installed package with this one except ``glueprint`` itself.

    Args:
        executable: the Python.
        links: a directory that contains nothing but a link to the package; made if it is missing.

    Raises:
        OSError: the link cannot be made.
    """
    link = links / _PACKAGE.name
    if not link.is_symlink() or link.readlink() != _PACKAGE:
        links.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(dir=links, prefix=".new-") as scratch:
            new = Path(scratch) / _PACKAGE.name
            new.symlink_to(_PACKAGE)
            new.replace(link)  # another thread may have been quicker: with the same link
    return Interpreter(str(executable), str(links))


def own_program(module: str, *arguments: str, interpreter: Interpreter = OWN) -> tuple[str, ...]:
    """Return the argv that runs ``main(*arguments)`` of ``glueprint.runtime.<module>``.

    What ``main`` returns is the exit status.
    """
    code = (
        # First on the path while glueprint is imported: otherwise all of site-packages is listed first.
        "import sys; sys.path.insert(0, sys.argv[1]); "
        f"from glueprint.runtime.{module} import main; sys.path.append(sys.path.pop(0)); "
        "sys.exit(main(*sys.argv[2:]))"
    )
    return interpreter.executable, "-I", "-c", code, interpreter.root, *arguments


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
        [OWN.executable, "-I", "-S", "-c", code, OWN.root, *arguments],
        env={},
        cwd="/",
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
    )
