"""``glueprint job``: jobs that belong to no workflow. ``run`` is its one command so far."""

from __future__ import annotations

import click

from glueprint.cli.job.run import run


@click.group()
def job() -> None:
    """Run a script as a job outside any workflow.

    \b
    Examples:
      glueprint job run load.py
      glueprint job run --help
    """


job.add_command(run)

__all__ = ["job"]
