"""What the launcher writes for the program of a Python shell job.

In Python's own format (``marshal``) and not as JSON: loading ``json`` takes as long as starting Python. Every
Python shell job waits for this module's imports.
"""

from __future__ import annotations

import marshal
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def write(
    path: str,
    script_path: str,
    arguments: Sequence[str],
    notes: Sequence[str],
    notices: Mapping[str, str],
    setup: str | None,
) -> None:
    """Write what to run, readable by the owner only: arguments may be secrets.

    Args:
        path: the file to write.
        script_path: the script.
        arguments: what follows it in ``sys.argv``.
        notes: lines to print first on the error output.
        notices: lines to print when the script imports a module of that name.
        setup: a file that :func:`instructions.write_setup` wrote, if modules must be installed or found.
    """
    fd = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with open(fd, "wb") as file:
        marshal.dump((script_path, list(arguments), list(notes), dict(notices), setup), file)


def read(path: str) -> tuple[str, list[str], list[str], dict[str, str], str | None]:
    """Return what :func:`write` wrote: script, arguments, notes, notices, and the file of the module setup."""
    with open(path, "rb") as file:
        content: tuple[str, list[str], list[str], dict[str, str], str | None] = marshal.load(file)
    return content
