"""Installing runtimes with progress, for ``runtime add`` and ``serve --runtime``."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from rich.status import Status

from glueprint.cli.output import console, echo
from glueprint.client.printable import printable
from glueprint.environments import installed
from glueprint.environments.creation import Report, create
from glueprint.environments.definitions import Runtime
from glueprint.environments.failures import CreationError
from glueprint.environments.installed import Environment
from glueprint.environments.interpreters import MissingInterpreter

_WORTH_A_LINE = re.compile(r"(Resolved|Downloading|Building|Built|Prepared|Installed|Installing collected) ")
"""The lines of an installer that show its progress in a pipe; the others are in its log."""
_SPINNER = 4
"""Columns of the sign that turns."""


def add_missing(
    runtimes: Iterable[Runtime], *, python: Path | None = None, install_python: bool = False
) -> list[tuple[Environment, bool]]:
    """Return the environments of runtimes, and whether each was made now.

    Raises:
        click.ClickException: one could not be made; those before it are kept.
    """
    added = []
    for runtime in runtimes:
        if found := installed.find(runtime.name):
            added.append((found, False))
            continue
        started = time.monotonic()
        try:
            with _progress(runtime.name) as report:
                environment = create(runtime, report, python=python, install_python=install_python)
        except (CreationError, MissingInterpreter) as error:
            reason = str(error)
            if isinstance(error, MissingInterpreter):
                reason = f"runtime {runtime.name} needs Python {runtime.python_version}: {reason}"
            raise click.ClickException(printable(reason)) from error
        echo(f"{described(environment)}, in {time.monotonic() - started:.0f} s", err=True)
        added.append((environment, True))
    return added


def described(environment: Environment) -> str:
    """Return one line about an environment."""
    spark = environment.packages.get("pyspark")
    contents = [f"Python {environment.python_version}", *([f"Spark {spark}"] if spark else [])]
    place = environment.directory or "this Python"
    return (
        f"runtime {environment.runtime.name}: {', '.join(contents)}, {len(environment.packages)} packages, {place}"
    )


@contextlib.contextmanager
def _progress(name: str) -> Iterator[Report]:
    """Yield what shows the progress: a line that changes on a terminal, else a line for each step."""
    screen = console(stderr=True)
    if screen.is_terminal:
        with screen.status("...") as status:
            yield _on_terminal(name, status, screen.width - _SPINNER)
    else:
        yield _in_pipe()


def _on_terminal(name: str, status: Status, width: int) -> Report:
    def report(step: str, line: str) -> None:
        status.update(printable(f"runtime {name}: {line or step}")[:width])

    return report


def _in_pipe() -> Report:
    shown: set[str] = set()

    def report(step: str, line: str) -> None:
        if step not in shown:
            shown.add(step)
            echo(f"{step} ...", err=True)
        if _WORTH_A_LINE.match(line):
            echo(f"  {line}", err=True)

    return report
