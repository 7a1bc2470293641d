"""A blueprint's zip as the sources of a project, in order to change it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

from glueprint.blueprint.archive import Archive
from glueprint.blueprint.bundler import LAYOUT, SCRIPTS
from glueprint.blueprint.config import ConfigError, parse_config
from glueprint.client.errors import GlueprintError
from glueprint.client.names import listed


class WouldOverwrite(GlueprintError):
    """A file exists with another content."""


def sources_of(name: str, archive: Archive) -> dict[str, bytes]:
    """Return the files of a project from which ``glueprint build`` makes this blueprint, by path.

    A zip that was not made by ``glueprint build`` becomes a folder with the files of the zip.
    """
    prefix = f"{name}/"
    with contextlib.suppress(ConfigError):
        config = parse_config(archive.config)
        is_built = config.layout_module == f"{name}.layout" and f"{prefix}{LAYOUT}" in archive.files
        if is_built and all(path.startswith(prefix) for path in archive.files):
            return {_source(name, path.removeprefix(prefix)): data for path, data in archive.files.items()}
    inside = all(path.startswith(prefix) for path in archive.files)
    return {path if inside else prefix + path: data for path, data in archive.files.items()}


def _source(name: str, path: str) -> str:
    if path == LAYOUT:
        return f"layouts/{name}.py"
    if path.startswith(f"{SCRIPTS}/"):
        return f"glue_jobs/{name}/{path.removeprefix(f'{SCRIPTS}/')}"
    return f"blueprints/{name}/{path}"


def write_files(folder: Path, files: Mapping[str, bytes], *, force: bool = False) -> list[Path]:
    """Write files below a folder; either all of them or none.

    Args:
        folder: made if it does not exist.
        files: content by relative path.
        force: overwrite files with another content.

    Raises:
        WouldOverwrite: such files exist, and not ``force``.
        OSError: a file cannot be written.
    """
    targets = {folder.joinpath(*path.split("/")): content for path, content in files.items()}
    changed = [path for path, content in targets.items() if not (path.is_file() and path.read_bytes() == content)]
    existing = [str(path) for path in changed if path.exists() or path.is_symlink()]
    if existing and not force:
        raise WouldOverwrite(
            f"{'these files exist' if len(existing) > 1 else 'this file exists'} with another content: "
            f"{listed(existing)}",
            "nothing was written; --force overwrites, --out DIRECTORY writes to another place",
        )
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.partial")
        partial.write_bytes(targets[path])
        partial.replace(path)
    return list(targets)
