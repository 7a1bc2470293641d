"""A local Glue for the duration of one command."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import click

_STOP_SECONDS = 30.0


@contextlib.contextmanager
def child_server(data_dir: Path) -> Iterator[None]:
    """Run ``glueprint serve`` on a free port; ready on entry, ended on exit.

    The child reads our end of a pipe: should we die without a word, it ends as well. It has a session of its own,
    so that Ctrl-C reaches it through us and not before we are done.

    Raises:
        click.ClickException: the server could not start; in its own words.
    """
    command = [sys.executable, "-m", "glueprint.cli", "serve", "--port", "0", "--data-dir", str(data_dir)]
    # A waiting worker would come up when the command is over.
    command += ["--exit-with-parent", "--warm-workers", "0"]
    with tempfile.TemporaryFile("w+") as errors:
        child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
        try:
            _await_ready(child, errors)
            yield
        finally:
            _stop(child)


def _await_ready(child: subprocess.Popen[str], errors: IO[str]) -> None:
    assert child.stdout is not None
    if any(line.startswith("ready ") for line in child.stdout):
        return
    child.wait()
    errors.seek(0)
    said = [line.strip() for line in errors if line.strip()]
    reason = said[-1].removeprefix("Error: ") if said else f"it ended with status {child.returncode}"
    raise click.ClickException(f"the local Glue could not start: {reason}")


def _stop(child: subprocess.Popen[str]) -> None:
    child.terminate()
    try:
        child.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            pipe.close()
