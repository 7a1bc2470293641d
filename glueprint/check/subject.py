"""What is checked: a blueprint of a catalogue, a folder or a zip, each as the zip that Glue gets."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from glueprint.blueprint.archive import Archive, ArchiveError, read_archive, write_archive
from glueprint.blueprint.bundler import (
    BundleError,
    bundle_with_warnings,
    catalogue_names,
    shipped_names,
    shipped_zip,
)
from glueprint.blueprint.config import CONFIG_NAME, BlueprintConfig, ConfigError, parse_config
from glueprint.check.rule import error
from glueprint.facts.findings import Finding, Place
from glueprint.facts.source_lines import origin_of, read_map

ARCHIVE = error(
    "archive",
    "The zip is not one that Glue accepts",
    "CreateBlueprint ends FAILED: the zip is too large, damaged, or blueprint.cfg is not where Glue looks for it.",
    "put blueprint.cfg into the folder that is named like the zip; leave out what the layout does not need",
    "DG:blueprint_workflow_restrictions, DG:blueprint_workflow_troubleshoot",
)
RULES = (ARCHIVE,)

EXAMPLE_NAME = "parameters.example.json"


class NoSubject(ValueError):
    """There is nothing to check at the place that was named."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A blueprint as it is checked.

    Attributes:
        name: of the blueprint.
        archive: the files of its zip; None if there is no usable zip.
        config: what its ``blueprint.cfg`` declares; None if that cannot be read.
        findings: what reading it has found.
        shown: where a reader finds each file of the zip; files that are not listed are shown as in the zip.
        is_bundled: whether the build has checked its Python files.
    """

    name: str
    archive: Archive | None
    config: BlueprintConfig | None
    findings: tuple[Finding, ...] = ()
    shown: Mapping[str, str] = field(default_factory=dict)
    is_bundled: bool = False

    def place(self, file: str, line: int | None = None) -> Place:
        """Return where a line of a file of the zip is in the sources."""
        if line is not None and self.archive is not None:
            origin = origin_of(read_map(self.archive.files.get(file, b"")), line)
            if origin is not None:
                return Place(*origin)
        return Place(self.shown.get(file, file), line)

    @property
    def folder(self) -> str:
        """The folder of ``blueprint.cfg`` in the zip, with a slash at the end; empty for the root."""
        return self.archive.config_path.removesuffix(CONFIG_NAME) if self.archive else ""


def find_subjects(what: str, root: Path) -> list[Subject]:
    """Return what a word of the command line names.

    Args:
        what: a blueprint of the catalogue in ``root``, a folder, a zip, or a blueprint that Glueprint ships; empty
            for the complete catalogue.
        root: the directory that may contain ``blueprints/``.

    Raises:
        NoSubject: it names nothing that can be checked.
        OSError: it cannot be read.
    """
    path = Path(what)
    known = catalogue_names(root)
    if what in known:
        return [_of_catalogue(root, what)]
    if not what and known:
        return [_of_catalogue(root, name) for name in known]
    if path.is_file():
        return [subject_of_zip(path.read_bytes(), path.stem, str(path))]
    if what and (path / CONFIG_NAME).is_file():
        return [_of_folder(path)]
    if what and catalogue_names(path):
        return [_of_catalogue(path, name) for name in catalogue_names(path)]
    try:
        shipped = shipped_zip(what)
    except BundleError as failure:
        return [Subject(what, None, None, tuple(failure.findings), is_bundled=True)]
    if shipped is not None:
        return [subject_of_zip(shipped, what, f"{what}.zip")]
    if not what:
        raise NoSubject(f"{root / 'blueprints'}: there is no blueprint here; name a folder or a zip")
    similar = difflib.get_close_matches(what, {*known, *shipped_names()}, n=3)
    there = f"; blueprints here: {', '.join(known)}" if known else ""
    if similar:
        there = f"; did you mean {' or '.join(similar)}?"
    known_forms = f"a zip, nor a folder with a {CONFIG_NAME}, nor a blueprint that glueprint ships"
    raise NoSubject(f"{what}: neither a blueprint, nor {known_forms}{there}")


def _of_catalogue(root: Path, name: str) -> Subject:
    base = "" if root == Path() else f"{root.as_posix()}/"
    try:
        bundled = bundle_with_warnings(root, name)
    except BundleError as failure:
        return Subject(name, None, None, tuple(_below(base, failure.findings)), is_bundled=True)
    sources = {f"{name}/layout.py": f"{base}layouts/{name}.py"}
    for file in bundled.files:
        inside = file.removeprefix(f"{name}/")
        if inside.startswith("scripts/"):
            sources[file] = f"{base}glue_jobs/{name}/{inside.removeprefix('scripts/')}"
        elif inside != "layout.py":
            sources[file] = f"{base}blueprints/{file}"
    return _with_config(name, bundled.files, tuple(_below(base, bundled.warnings)), sources, is_bundled=True)


def _below(base: str, findings: Iterable[Finding]) -> Iterable[Finding]:
    for finding in findings:
        place = finding.place
        yield replace(finding, place=replace(place, path=f"{base}{place.path}")) if place.path else finding


def _of_folder(folder: Path) -> Subject:
    name = folder.resolve().name
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not _is_hidden(path.relative_to(folder))
    }
    base = "" if _is_for_the_root(files, name) else f"{name}/"
    sources = {f"{base}{file}": (folder / file).as_posix() for file in files}
    return _with_config(name, {f"{base}{file}": content for file, content in files.items()}, (), sources)


def _is_for_the_root(files: Mapping[str, bytes], name: str) -> bool:
    """Whether the folder's content, not the folder, is what its author zips: layoutGenerator names the layout
    without the folder. Glue accepts both forms (docs/facts/blueprints.md)."""
    try:
        layout = parse_config(files[CONFIG_NAME]).layout_file
    except ConfigError:
        return False
    return not layout.startswith(f"{name}/") and layout in files


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") or part == "__pycache__" for part in path.parts)


def subject_of_zip(content: bytes, stem: str, shown: str) -> Subject:
    """Return the blueprint in the bytes of a zip.

    Args:
        content: the bytes.
        stem: the name of the zip without ``.zip``.
        shown: where a reader finds it.
    """
    try:
        archive = read_archive(content, stem)
    except ArchiveError as failure:
        found = tuple(ARCHIVE.at(Place(shown), problem, "") for problem in failure.problems)
        return Subject(stem, None, None, found)
    return _configured(stem, archive, (), {})


def _with_config(
    name: str,
    files: Mapping[str, bytes],
    findings: tuple[Finding, ...],
    sources: Mapping[str, str],
    *,
    is_bundled: bool = False,
) -> Subject:
    try:
        archive = read_archive(write_archive(files), name)
    except ArchiveError as failure:
        found = tuple(ARCHIVE.at(Place(name), problem, "") for problem in failure.problems)
        return Subject(name, None, None, (*findings, *found), sources, is_bundled)
    return _configured(name, archive, findings, sources, is_bundled=is_bundled)


def _configured(
    name: str,
    archive: Archive,
    findings: tuple[Finding, ...],
    sources: Mapping[str, str],
    *,
    is_bundled: bool = False,
) -> Subject:
    try:
        config = parse_config(archive.config)
    except ConfigError as failure:
        here = _config_place(archive, sources)
        found = tuple(replace(one, place=_in_config(here, one, archive)) for one in failure.findings)
        return Subject(name, archive, None, (*findings, *found), sources, is_bundled)
    if not is_bundled:  # the build reports them itself
        here = _config_place(archive, sources)
        findings += tuple(replace(one, place=_in_config(here, one, archive)) for one in config.warnings)
    return Subject(name, archive, config, findings, sources, is_bundled)


def _config_place(archive: Archive, sources: Mapping[str, str]) -> str:
    return sources.get(archive.config_path, archive.config_path)


def _in_config(path: str, finding: Finding, archive: Archive) -> Place:
    """Return the place of a finding in ``blueprint.cfg``: the line that has its subject as a key."""
    subject = finding.place.subject
    lines = archive.config.decode("utf-8", "replace").splitlines()
    keys = (number for number, line in enumerate(lines, 1) if subject and f'"{subject}"' in line)
    return replace(finding.place, path=path, line=next(keys, None))
