"""``glueprint runtime ls``: what is installed."""

from __future__ import annotations

import click

from glueprint.cli.output import echo, print_json, show
from glueprint.cli.render.tables import plain_table
from glueprint.cli.runtime.listing import Row, java_version, row_json, rows


@click.command()
@click.option("--packages", is_flag=True, help="Also list every package with its version.")
@click.option("--json", "as_json", is_flag=True, help="Print the runtimes, with all packages, as JSON.")
def ls(packages: bool, as_json: bool) -> None:
    """List the runtimes: what each contains, where it is, and which can be added.

    \b
    Examples:
      glueprint runtime ls
      glueprint runtime ls --packages
      glueprint runtime ls --json
    """
    found = list(rows())
    if as_json:
        print_json({"Runtimes": [row_json(row) for row in found]})
        return
    headers = ["RUNTIME", "FOR", "PYTHON", "SPARK", "JAVA", "PACKAGES", "SIZE", "WHERE"]
    show(plain_table(headers, map(_cells, found)), fold=False)
    if packages:
        for row in found:
            if row.environment:
                echo()
                echo(f"{row.name}:")
                for name, version in sorted(row.environment.packages.items()):
                    echo(f"  {name} {version}")
    if any(row.state == "outdated" for row in found):
        echo("glueprint runtime rm --outdated removes what is not used", err=True)


def _cells(row: Row) -> list[str]:
    environment, runtime, size = row.environment, row.runtime, row.size
    title = runtime.title if runtime else "-"
    if environment is None:
        python = f"{runtime.python_version}" if runtime else "-"
        spark = (runtime.spark or "-") if runtime else "-"
        java = str(runtime.java or "-") if runtime else "-"
        return [row.name, title, python, spark, java, "-", _megabytes(size), _place(row)]
    packages = environment.packages
    return [
        row.name,
        title,
        environment.python_version,
        packages.get("pyspark", "-"),
        java_version(environment) or "-",
        str(len(packages)),
        _megabytes(size),
        _place(row),
    ]


def _place(row: Row) -> str:
    if row.state == "not installed":
        return f"not installed: glueprint runtime add {row.name}"
    if row.state in ("incomplete", "broken"):
        return f"{row.state}: glueprint runtime add {row.name}"
    if row.state == "being installed":
        return row.state
    if row.directory is None:
        return f"this Python ({row.environment.python})" if row.environment else "-"
    return str(row.directory) if row.state == "installed" else f"{row.directory} ({row.state})"


def _megabytes(size: int | None) -> str:
    return "-" if size is None else f"{size / 1_000_000:,.0f} MB"
