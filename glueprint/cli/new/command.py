"""``glueprint new``: write the files of a small blueprint project."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import click

from glueprint.cli.output import print_json
from glueprint.cli.render.words import count

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_PLACEHOLDER = "__NAME__"
_SUFFIX = ".txt"


@click.command()
@click.argument("name")
@click.argument("directory", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print the written files as JSON.")
def new(name: str, directory: Path | None, as_json: bool) -> None:
    """Write a small blueprint project NAME into DIRECTORY, by default ./NAME.

    The project has one blueprint with a layout (three jobs, a crawler, an AND and an ANY condition), the jobs'
    scripts, tests and a README. It needs no clone of Glueprint. In a directory that has such a project already,
    the blueprint is added to it; a file that exists is never replaced.

    Exit codes: 0 written; 1 a file exists, nothing was written; 2 a mistake in the arguments.

    \b
    Examples:
      glueprint new line_count
      glueprint new line_count ~/etl
      glueprint new orders .
    """
    if not _NAME.fullmatch(name):
        raise click.UsageError(f"a name is lower case letters, digits and _, such as line_count; not {name!r}")
    root = directory or Path(name)
    shared = ("README.md", "pyproject.toml", ".gitignore")
    files = {path: text for path, text in _files(name) if path not in shared or not (root / path).exists()}
    taken = [path for path in files if (root / path).exists()]
    if taken:
        raise click.ClickException(f"{root / taken[0]} exists already; nothing was written")
    try:
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, "utf-8")
    except OSError as error:
        raise click.ClickException(f"cannot write {error.filename}: {error.strerror}") from error
    if as_json:
        print_json({"Directory": str(root), "Files": sorted(files)})
        return
    click.echo(f"wrote {count(len(files), 'file')} into {root}")
    for path in sorted(files):
        click.echo(f"  {path}")
    where = "" if root == Path() else f"cd {root} && "
    click.echo(f"build it: {where}glueprint build {name}")


def _files(name: str) -> Iterator[tuple[str, str]]:
    """Return path and text of each file of a project."""
    root = resources.files("glueprint.cli.new") / "project"
    for path, file in _walk(root, ""):
        path = path.removesuffix(_SUFFIX).replace(_PLACEHOLDER, name)
        path = ".gitignore" if path == "gitignore" else path
        yield path, file.read_text("utf-8").replace(_PLACEHOLDER, name)


def _walk(folder: Traversable, before: str) -> Iterator[tuple[str, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.is_dir():
            if entry.name != "__pycache__":
                yield from _walk(entry, f"{before}{entry.name}/")
        elif entry.name.endswith(_SUFFIX):
            yield before + entry.name, entry
