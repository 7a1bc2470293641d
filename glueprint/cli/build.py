"""``glueprint build``: zips blueprints of a catalogue. ``build.py`` in the repository is the same command."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from glueprint.blueprint.archive import ArchiveError, write_archive
from glueprint.blueprint.bundler import BundleError, bundle_with_warnings, catalogue_names
from glueprint.cli.output import echo
from glueprint.facts.findings import Severity

Notify = Callable[[str], None]


def _ignore(warning: str) -> None:
    """For callers that do not show warnings."""


class BuildFailed(Exception):
    """Blueprints cannot be built; ``problems`` contains every problem, each with its file and line."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, slots=True)
class Built:
    """A zip that was written."""

    name: str
    path: str
    files: int
    """Members of the zip."""
    size: int
    """Bytes of the zip."""
    unpacked: int
    """Bytes of its members."""
    sha256: str
    """Hash of the zip: the same sources always give the same."""


def build_blueprints(
    root: Path, names: Sequence[str], out: Path, warn: Notify = _ignore
) -> tuple[Built, ...]:
    """Zip blueprints into ``out``; either all of them are written or none.

    Args:
        root: the directory that contains ``blueprints/``, ``layouts/`` and ``glue_jobs/``.
        names: the blueprints; all of them if empty.
        out: the directory for ``NAME.zip``; it is created if it is missing.
        warn: is called with each warning.

    Raises:
        BuildFailed: with every problem of every blueprint.
        OSError: a zip cannot be written.
    """
    known = catalogue_names(root)
    if not known:
        raise BuildFailed([f"{root / 'blueprints'}: there is no blueprint here"])
    unknown = [name for name in names if name not in known]
    if unknown:
        raise BuildFailed(f"{name}: there is no such blueprint; there are: {', '.join(known)}" for name in unknown)
    archives = _archives(root, names or known, warn)
    out.mkdir(parents=True, exist_ok=True)
    return tuple(_written(out / f"{name}.zip", name, *made) for name, made in archives.items())


def bring_up_to_date(root: Path, name: str, warn: Notify = _ignore) -> Path | None:
    """Bring ``dist/NAME.zip`` of a catalogue up to date with its sources (docs/decisions/commands.md).

    Returns:
        the zip's path if it was written, because it was missing or its sources have changed; else None.

    Raises:
        BuildFailed: the sources cannot be built.
        OSError: the zip cannot be written.
    """
    path = root / "dist" / f"{name}.zip"
    files, data = _archives(root, [name], warn)[name]
    if path.is_file() and path.read_bytes() == data:
        return None
    path.parent.mkdir(parents=True, exist_ok=True)
    _written(path, name, files, data)
    return path


def _archives(root: Path, names: Iterable[str], warn: Notify) -> dict[str, tuple[dict[str, bytes], bytes]]:
    """Return the files and the zip of each blueprint.

    Raises:
        BuildFailed: with every problem of every blueprint.
    """
    archives: dict[str, tuple[dict[str, bytes], bytes]] = {}
    problems: list[str] = []
    for name in dict.fromkeys(names):
        made = _archive(root, name, problems, warn)
        if made is not None:
            archives[name] = made
    if problems:
        raise BuildFailed(dict.fromkeys(problems))
    return archives


def _archive(
    root: Path, name: str, problems: list[str], warn: Notify
) -> tuple[dict[str, bytes], bytes] | None:
    try:
        bundled = bundle_with_warnings(root, name)
        for warning in bundled.warnings:
            warn(f"warning: {warning}")
        return bundled.files, write_archive(bundled.files)
    except BundleError as error:
        for one in error.findings:
            if one.severity is Severity.ERROR:
                problems.append(str(one))
            else:
                warn(f"warning: {one}")
    except ArchiveError as error:
        problems.append(f"blueprints/{name}: {error}")
    return None


def _written(path: Path, name: str, files: dict[str, bytes], data: bytes) -> Built:
    # The final name never holds an incomplete zip, even if two builds run at once.
    partial = path.with_suffix(f".zip.{os.getpid()}")
    partial.write_bytes(data)
    partial.replace(path)
    unpacked = sum(map(len, files.values()))
    return Built(name, str(path), len(files), len(data), unpacked, hashlib.sha256(data).hexdigest())


def built_table(built: Iterable[Built]) -> list[str]:
    """Return what was built as aligned lines, with a heading."""
    rows = [("BLUEPRINT", "ZIP", "FILES", "SIZE", "UNPACKED", "SHA-256")]
    rows += [
        (one.name, one.path, str(one.files), f"{one.size:,}", f"{one.unpacked:,}", one.sha256[:12])
        for one in built
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    right = {2, 3, 4}
    return [
        "  ".join(
            cell.rjust(width) if index in right else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--out", type=click.Path(path_type=Path), help="Where the zips go.  [default: ROOT/dist]")
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=Path(),
    help="The directory that contains blueprints/, layouts/ and glue_jobs/.  [default: this one]",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was built as JSON.")
def build(names: tuple[str, ...], out: Path | None, root: Path, as_json: bool) -> None:
    """Zip all blueprints, or those that are named.

    Every Python file in a zip is self-contained and works in the Python of its job. The same sources always give
    the same bytes. If there are problems, all of them are printed and nothing is written; warnings are printed as
    well.

    \b
    Examples:
      glueprint build
      glueprint build file_presence --out /tmp/zips
    """
    with build_problems_printed():
        built = build_blueprints(root, names, out or root / "dist", print_warning)
    if as_json:
        echo(json.dumps([asdict(one) for one in built], indent=2))
        return
    for line in built_table(built):
        echo(line)


def print_warning(warning: str) -> None:
    """Print a warning of a build to stderr."""
    echo(warning, err=True)


@contextlib.contextmanager
def build_problems_printed() -> Iterator[None]:
    """Wrap a build: its problems are printed to stderr, one per line.

    Raises:
        click.ClickException: the build failed.
    """
    try:
        yield
    except BuildFailed as error:
        for problem in error.problems:
            echo(problem, err=True)
        raise click.ClickException(f"nothing was built: {_count(len(error.problems), 'problem')}") from error
    except OSError as error:
        raise click.ClickException(f"cannot write {error.filename}: {error.strerror}") from error


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
