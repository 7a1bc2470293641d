"""Printing: colours only on terminals, wide tables in pipes, JSON for scripts.

rich is imported where it is used: commands that print plain lines start sooner.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import sys
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from glueprint.client.printable import printable

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.segment import Segment

_PIPE_WIDTH = 240


@functools.cache
def _console_class() -> type[Console]:
    from rich.console import Console
    from rich.segment import Segment

    class SafeConsole(Console):
        """A console that shows control characters of texts as symbols; its own styles and movements stay."""

        def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
            """Render, and replace the control characters of all texts within."""
            for segment in super().render(renderable, options):
                yield segment if segment.control else Segment(printable(segment.text), segment.style)

    return SafeConsole


def echo(text: object = "", *, err: bool = False, nl: bool = True, label: str = "") -> None:
    """Print a line of text that may contain names, logs or messages of others; the only way past :func:`show`.

    ``label`` comes before it, dim on a terminal.
    """
    dim = click.style(printable(label), dim=True) if label else ""
    click.echo(dim + printable(str(text)), err=err, nl=nl)


StyledText = Iterable[tuple[str, str]]
"""Texts, each with its style: words such as ``bold red``, or nothing."""


def echo_styled(line: StyledText, *, err: bool = False) -> None:
    """Print a line of texts with styles, which a pipe, and a terminal with ``NO_COLOR``, gets without them."""
    text = "".join(_styled(printable(one), style.split()) if style else printable(one) for one, style in line)
    click.echo(text, err=err, color=False if os.environ.get("NO_COLOR") else None)


def _styled(text: str, words: list[str]) -> str:
    colour = next((word for word in words if word not in ("bold", "dim")), None)
    return click.style(text, fg=colour, bold="bold" in words or None, dim="dim" in words or None)


def spinner(text: str) -> contextlib.AbstractContextManager[object]:
    """Show on a terminal's stderr what takes a while."""
    return console(stderr=True).status(text) if sys.stderr.isatty() else contextlib.nullcontext()


def console(*, stderr: bool = False) -> Console:
    """Return a console for people. It is a new one at each call, since tests and shells replace the streams."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else _PIPE_WIDTH
    return _console_class()(file=stream, highlight=False, width=width, emoji=False, markup=False)


def show(renderable: RenderableType, *, stderr: bool = False, fold: bool = True) -> None:
    """Print for people; in a pipe, without the spaces that pad the last column.

    Args:
        renderable: what to print.
        stderr: print to stderr.
        fold: break lines that are too long; without it they stay complete, so that they can be searched for.
    """
    screen = console(stderr=stderr)
    if screen.is_terminal:
        screen.print(renderable, soft_wrap=not fold, crop=False)
        return
    with screen.capture() as captured:
        screen.print(renderable, soft_wrap=not fold, crop=False)
    click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()), err=stderr)


def print_json(data: Any) -> None:
    """Print data of the API as JSON, without what the HTTP layer added, and with times in ISO 8601."""
    if isinstance(data, dict):
        data = {name: value for name, value in data.items() if name != "ResponseMetadata"}
    click.echo(json.dumps(data, indent=2, default=_plain))


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"not JSON: {value!r}")

