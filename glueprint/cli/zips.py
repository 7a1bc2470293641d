"""Which zip an argument of ``register`` or ``publish`` means."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import click

from glueprint.blueprint.bundler import catalogue_names, shipped_zip
from glueprint.cli.build import bring_up_to_date, build_problems_printed, print_warning
from glueprint.cli.output import echo

_ZIP = ".zip"


@dataclass(frozen=True, slots=True)
class BlueprintZip:
    """The content of a blueprint zip. ``stem`` is the name of its folder and must be that of the object
    (docs/facts/blueprints.md#zip-layout)."""

    stem: str
    content: bytes

    @property
    def sha256(self) -> str:
        """The digest of the content."""
        return hashlib.sha256(self.content).hexdigest()


def read_zip(given: str) -> BlueprintZip:
    """Return the zip that ``given`` names. A path is a file; a name is the zip of the present sources.

    Raises:
        click.UsageError: there is no such zip.
        click.ClickException: it cannot be built or read.
    """
    if given in catalogue_names(Path()) and not Path(given).is_file():
        with build_problems_printed():
            written = bring_up_to_date(Path(), given, print_warning)
        if written is not None:
            echo(f"built {written} from its sources", err=True)
    for path in (Path(given), Path("dist") / f"{given}.zip"):
        if path.is_file():
            try:
                return BlueprintZip(_stem(path.name), path.read_bytes())
            except OSError as error:
                raise click.ClickException(f"cannot read {path}: {error.strerror}") from error
    if given.endswith(_ZIP) and "/" not in given:
        return read_zip(_stem(given))
    with build_problems_printed():
        shipped = shipped_zip(given)
    if shipped is not None:
        return BlueprintZip(given, shipped)
    if Path(given).is_dir():
        raise click.UsageError(
            f"{given} is a directory: give a zip, or the name of a blueprint, such as file_presence"
        )
    raise click.UsageError(
        f"no zip {given!r}: neither a file, nor in blueprints/, nor dist/{given}.zip, nor one that glueprint ships"
    )


def _stem(name: str) -> str:
    """Return the name of a zip without ``.zip``, or without several, as after a download that added one."""
    while name.endswith(_ZIP) and name != _ZIP:
        name = name.removesuffix(_ZIP)
    return name
