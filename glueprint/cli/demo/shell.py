"""A shell session that is really typed: each line that is shown is the command that runs."""

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
        self._begun = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self._begun

    def heading(self, text: str) -> None:
        """What comes next, and how long all has taken so far."""
        screen = console()
        screen.print()
        screen.print(f"[{duration(self.seconds):>6}] {text}", style="bold")

    def say(self, text: str) -> None:
        """A line of explanation."""
        console().print(text)

    def glueprint(self, *arguments: str) -> int:
        """Show ``glueprint ARGUMENTS`` and run it; returns its exit code.

        Raises:
            click.ClickException: the command's own.
        """
        from glueprint.cli.main import cli

        console().print(_wrapped(["$ glueprint", *arguments]), style="cyan")
        # click returns the code of its Exit exception when it is not the program itself; None is success.
        code = cli.main(args=list(arguments), prog_name="glueprint", standalone_mode=False)
        return code if isinstance(code, int) else 0


def _wrapped(words: list[str]) -> str:
    """A command over several lines, as one would type it: an option and its value stay together."""
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
    """These variables for the duration, as ``export`` would set them."""
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


def expect(holds: bool, promise: str) -> None:
    """The demo shows nothing that is not so.

    Raises:
        click.ClickException: it is not so.
    """
    if not holds:
        raise click.ClickException(f"the demo did not keep its promise: {promise}")
