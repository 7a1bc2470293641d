"""``glueprint runtime add``: install runtimes."""

from __future__ import annotations

from pathlib import Path

import click

from glueprint.cli.output import echo, print_json
from glueprint.cli.runtime.adding import add_missing, described
from glueprint.cli.runtime.listing import environment_json
from glueprint.cli.runtime.names import complete_name, read_names
from glueprint.environments.definitions import Runtime


@click.command()
@click.argument(
    "runtimes", nargs=-1, required=True, metavar="RUNTIME...", callback=read_names, shell_complete=complete_name
)
@click.option(
    "--python",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="PATH",
    help="The interpreter to use; by default PATH, pyenv's and uv's directories are searched.",
)
@click.option("--install-python", is_flag=True, help="Let uv download the Python if it is not found.")
@click.option("--json", "as_json", is_flag=True, help="Print the environments as JSON.")
def add(runtimes: tuple[Runtime, ...], python: Path | None, install_python: bool, as_json: bool) -> None:
    """Install each RUNTIME: 6.0, 5.1, 4.0, pythonshell or pythonshell-analytics.

    Packages come from the index that pip or uv is set up for. It takes a minute or more, and about 1 GB of disk
    for a runtime with Spark. An interrupted installation leaves nothing that counts: start it again.

    \b
    Examples:
      glueprint runtime add 6.0
      glueprint runtime add 4.0 pythonshell-analytics
      glueprint runtime add 6.0 --python /opt/python3.13/bin/python3.13
    """
    if python and len(runtimes) > 1:
        raise click.UsageError("--python works with one RUNTIME at a time")
    added = add_missing(runtimes, python=python, install_python=install_python)
    if as_json:
        print_json({"Runtimes": [{**environment_json(one), "Added": is_new} for one, is_new in added]})
        return
    for environment, is_new in added:
        if not is_new:
            echo(f"{described(environment)}: installed already")
