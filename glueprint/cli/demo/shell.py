"""A shell session: each command line that is shown is really run."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import click

from glueprint.cli.output import console
from glueprint.cli.render.words import duration

_WIDTH = 100


class Shell:
    """Shows commands, then runs them in this process."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        """The time since the start."""
        return time.monotonic() - self._started

    def heading(self, text: str) -> None:
        """Print the next step, and the time so far."""
        screen = console()
        screen.print()
        screen.print(f"[{duration(self.seconds):>6}] {text}", style="bold")

    def print(self, text: str) -> None:
        """Print a line of explanation."""
        console().print(text)

    def glueprint(self, *arguments: str) -> int:
        """Print ``glueprint ARGUMENTS``, run it, and return its exit code.

        Raises:
            click.ClickException: the command's own.
        """
        from glueprint.cli.main import cli

        console().print(_wrapped(["$ glueprint", *arguments]), style="cyan")
        # click returns the code of its Exit exception when it is not the program itself; None is success.
        code = cli.main(args=list(arguments), prog_name="glueprint", standalone_mode=False)
        return code if isinstance(code, int) else 0


def _wrapped(words: list[str]) -> str:
    """Return a command on several lines; an option and its value stay together."""
    shown = [words[0], *(shlex.quote(word) for word in words[1:])]
    lines = [""]
    for position, word in enumerate(shown):
        value = position > 0 and shown[position - 1].startswith("--")
        if lines[-1] and not value and len(lines[-1]) + len(word) > _WIDTH - 20:
            lines[-1] += " \\"
            lines.append("     ")
        lines[-1] += f" {word}" if lines[-1] else word
    return "\n".join(lines)


@contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set these variables, as ``export`` does, and restore them on exit."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def expect(is_true: bool, statement: str) -> None:
    """Check a statement of the demo.

    Raises:
        click.ClickException: it is not true.
    """
    if not is_true:
        raise click.ClickException(f"the demo failed: this should be true: {statement}")
