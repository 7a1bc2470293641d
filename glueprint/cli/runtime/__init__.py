"""``glueprint runtime``: the Python, Spark and packages of each GlueVersion on this machine."""

from __future__ import annotations

import click

from glueprint.cli.runtime.add import add
from glueprint.cli.runtime.doctor import doctor
from glueprint.cli.runtime.ls import ls
from glueprint.cli.runtime.rm import rm


@click.group()
def runtime() -> None:
    """Install, list, check and remove runtimes: the Python, Spark and packages of a GlueVersion.

    A runtime is installed once for a user, in ~/.cache/glueprint/runtimes; all data directories use it. The one
    that the Python of Glueprint itself has is there already.

    \b
    Examples:
      glueprint runtime ls
      glueprint runtime add 6.0
      glueprint runtime doctor
    """


for _command in (add, ls, rm, doctor):
    runtime.add_command(_command)

__all__ = ["runtime"]
