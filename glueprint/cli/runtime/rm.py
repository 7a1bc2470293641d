"""``glueprint runtime rm``: remove runtimes."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from glueprint.cli.output import echo
from glueprint.cli.runtime.listing import Row, rows
from glueprint.cli.runtime.names import complete_name, read_names
from glueprint.environments import installed, removal
from glueprint.environments.definitions import Runtime


@click.command()
@click.argument("runtimes", nargs=-1, metavar="[RUNTIME...]", callback=read_names, shell_complete=complete_name)
@click.option("--all", "everything", is_flag=True, help="Remove all runtimes of the cache.")
@click.option(
    "--outdated", is_flag=True, help="Remove what this version of Glueprint does not use, and what is incomplete."
)
def rm(runtimes: tuple[Runtime, ...], everything: bool, outdated: bool) -> None:
    """Remove each RUNTIME from the user's cache. A runtime that a process uses is kept.

    \b
    Examples:
      glueprint runtime rm 4.0
      glueprint runtime rm --outdated
    """
    if bool(runtimes) + everything + outdated != 1:
        raise click.UsageError("name a RUNTIME, or add --all or --outdated")
    if runtimes:
        chosen = {_directory(runtime): False for runtime in runtimes}
    else:
        chosen = {
            row.directory: row.state == "incomplete"
            for row in rows()
            if row.directory and row.state != "being installed" and (everything or _is_unused(row))
        }
    kept = []
    for directory, is_incomplete in chosen.items():
        try:
            if removal.remove(directory, only_incomplete=is_incomplete):
                echo(f"removed {directory}")
        except removal.InUse as error:
            kept.append(str(error))
    if not chosen:
        echo("there is nothing to remove")
    if kept:
        raise click.ClickException("\n".join(kept))


def _is_unused(row: Row) -> bool:
    return row.state in ("outdated", "incomplete", "broken")


def _directory(runtime: Runtime) -> Path:
    directory = installed.environment_directory(runtime)
    if directory.exists():
        return directory
    if installed.own() == runtime:
        raise click.ClickException(
            f"runtime {runtime.name} is the Python of Glueprint itself ({sys.executable}), which stays"
        )
    raise click.ClickException(f"runtime {runtime.name} is not installed")
