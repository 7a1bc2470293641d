"""Collects the files of a blueprint's zip: ``blueprints/X``, ``layouts/X.py`` and ``glue_jobs/X/`` become ``X/``.

In the zip every Python file is self-contained and works in Glue's Python (see ``self_contained``, ``dialect``);
everything else is copied. The same tree makes the same files. What certainly fails in Glue is refused; what may
fail there is a warning.
"""

from __future__ import annotations

import ast
import functools
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from glueprint.blueprint.archive import write_archive
from glueprint.blueprint.config import CONFIG_NAME, ConfigError, parse_config
from glueprint.blueprint.declared_jobs import DeclaredJobs, declared_jobs, newest_python
from glueprint.blueprint.dialect import LAYOUT as LAYOUT_TARGET
from glueprint.blueprint.dialect import Target, dialect_problems, in_catalogue, target_of_script
from glueprint.blueprint.self_contained import BundleError, Merged, merge
from glueprint.blueprint.source_analysis import SourceFile
from glueprint.facts.findings import Finding, Place, Severity

__all__ = [
    "BundleError",
    "Bundled",
    "bundle",
    "bundle_with_warnings",
    "catalogue_names",
    "shipped_names",
    "shipped_zip",
]

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_PACKAGE = Path(__file__).parents[1]
LAYOUT = "layout.py"
SCRIPTS = "scripts"


@dataclass(frozen=True, slots=True)
class Bundled:
    """The files of a blueprint's zip, and warnings about them."""

    files: dict[str, bytes]
    """By path in the zip."""
    warnings: tuple[Finding, ...] = ()


def catalogue_names(root: Path) -> tuple[str, ...]:
    """The blueprints of the catalogue in the repository ``root``, sorted."""
    folders = (root / "blueprints").glob("*/")
    return tuple(sorted(folder.name for folder in folders if folder.is_dir() and folder.name[0] not in "._"))


def shipped_names() -> tuple[str, ...]:
    """The blueprints that Glueprint ships, sorted.

    An installed package contains their zips; an editable install has their sources next to the package.
    """
    installed = (_PACKAGE / "catalogue").glob("*.zip")
    return tuple(sorted(path.stem for path in installed)) or catalogue_names(_PACKAGE.parent)


def shipped_zip(name: str) -> bytes | None:
    """Return the zip of a blueprint that Glueprint ships; None if there is none of that name.

    Raises:
        BundleError: the sources of an editable install have errors.
    """
    if name not in shipped_names():
        return None
    installed = _PACKAGE / "catalogue" / f"{name}.zip"
    return installed.read_bytes() if installed.is_file() else write_archive(bundle(_PACKAGE.parent, name))


def bundle(root: Path, name: str) -> dict[str, bytes]:
    """Return the files of :func:`bundle_with_warnings` alone.

    Raises:
        BundleError: see there.
    """
    return bundle_with_warnings(root, name).files


def bundle_with_warnings(root: Path, name: str) -> Bundled:
    """The files of the zip of blueprint ``name``, by path in the zip, and warnings about them.

    ``name/blueprint.cfg``, ``name/README.md`` and all other files of ``blueprints/name/``;
    ``name/layout.py``; ``name/scripts/*`` from ``glue_jobs/name/``.

    Raises:
        BundleError: with every problem of every file, each with its path and line, and the warnings after them.
    """
    if not _NAME.fullmatch(name):
        text = "a blueprint's name is lower case letters, digits and _"
        raise BundleError([Finding("blueprint-name", Place(f"blueprints/{name}"), text)])
    files: dict[str, bytes] = {}
    problems: list[Finding] = []
    folder = root / "blueprints" / name
    for path in _files(folder):
        files[f"{name}/{path.relative_to(folder).as_posix()}"] = path.read_bytes()
    declared = DeclaredJobs()
    for target, source in _code(root, name):
        inside = f"{name}/{target}"
        if inside in files:
            text = f"this name is taken by {source}"
            problems.append(Finding("name-taken", Place(f"blueprints/{inside}"), text))
        elif not source.endswith(".py"):
            files[inside] = (root / source).read_bytes()
        elif target == LAYOUT:
            merged = _merged(root, source, problems)
            files[inside] = merged.text.encode("utf-8") if merged else b""
            if merged:
                declared = declared_jobs(one.nodes for one in merged.sources)
                problems.extend(_dialect(merged, LAYOUT_TARGET))
        else:
            files[inside] = _script(root, source, declared, problems)
    problems.extend(_config_problems(root, name, files))
    problems = list(dict.fromkeys(problems))
    if any(one.severity is Severity.ERROR for one in problems):
        raise BundleError(sorted(problems, key=lambda one: one.severity is not Severity.ERROR))
    return Bundled(files, tuple(problems))


def _code(root: Path, name: str) -> Iterator[tuple[str, str]]:
    """Path in the blueprint's folder, and in the repository, of the layout and of the files of its jobs."""
    yield LAYOUT, f"layouts/{name}.py"
    jobs = root / "glue_jobs" / name
    for path in _files(jobs):
        relative = path.relative_to(jobs).as_posix()
        yield f"{SCRIPTS}/{relative}", f"glue_jobs/{name}/{relative}"


def _files(folder: Path) -> list[Path]:
    """Every file under ``folder`` that is part of the catalogue: no hidden files, no caches of Python."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(
        path
        for path in found
        if not any(part.startswith(".") or part == "__pycache__" for part in path.relative_to(folder).parts)
    )


def _script(root: Path, path: str, declared: DeclaredJobs, problems: list[Finding]) -> bytes:
    file_name = path.rpartition("/")[2]
    python = newest_python(declared.of_script(file_name))
    if python is not None and python > sys.version_info[:2] and _is_newer_syntax(root / path):
        shown, here = ".".join(map(str, python)), ".".join(map(str, sys.version_info[:2]))
        text = f"its job runs Python {shown}, and Python {here} cannot read its syntax: it is not checked"
        problems.append(Finding("not-checked", Place(path), text, severity=Severity.WARNING))
        return (root / path).read_bytes()
    merged = _merged(root, path, problems)
    if merged is None:
        return b""
    target = target_of_script(declared, file_name, [one.import_statements for one in merged.sources])
    problems.extend(_dialect(merged, target))
    return merged.text.encode("utf-8")


def _is_newer_syntax(file: Path) -> bool:
    """Whether this Python cannot parse a script, which uses no helpers that would have to be bundled."""
    try:
        text = file.read_text(encoding="utf-8")
        ast.parse(text)
    except SyntaxError:
        imports = re.findall(r"^\s*(?:from|import)\s+([\w.]+)", text, re.MULTILINE)
        return not any(in_catalogue(module) for module in imports)
    except (OSError, ValueError):
        pass
    return False


def _merged(root: Path, path: str, problems: list[Finding]) -> Merged | None:
    if not (root / path).is_file():
        problems.append(_no_file(path))
        return None
    try:
        return merge(root, path)
    except BundleError as error:
        problems.extend(error.findings)
        return None


def _dialect(merged: Merged, target: Target) -> Iterator[Finding]:
    for source in merged.sources:
        yield from _dialect_of(source, target)


@functools.lru_cache(maxsize=1024)
def _dialect_of(source: SourceFile, target: Target) -> tuple[Finding, ...]:
    """Check one source, once for each target: the same helper is in many scripts."""
    return tuple(dialect_problems(source.nodes, source.text, source.path, target))


def _config_problems(root: Path, name: str, files: dict[str, bytes]) -> Iterator[Finding]:
    path = f"{name}/{CONFIG_NAME}"
    shown = f"blueprints/{path}"
    if path not in files:
        yield _no_file(shown)
        return
    try:
        config = parse_config(files[path])
    except ConfigError as error:
        yield from (_in_file(finding, shown) for finding in error.findings)
        return
    yield from (_in_file(warning, shown) for warning in config.warnings)
    if config.layout_module != f"{name}.layout":
        text = f"layoutGenerator is {config.layout_generator}, wants {name}.layout.<function>"
        yield Finding("wrong-layout-generator", Place(shown), text)
        return
    layout = root / "layouts" / f"{name}.py"
    if layout.is_file() and config.layout_function not in _functions(layout.read_bytes()):
        text = f"layoutGenerator names {config.layout_function}, which layouts/{name}.py does not define"
        yield Finding("no-layout-function", Place(shown), text)


def _in_file(finding: Finding, path: str) -> Finding:
    return replace(finding, place=replace(finding.place, path=path))


def _no_file(path: str) -> Finding:
    return Finding("no-such-file", Place(path), "there is no such file")


def _functions(source: bytes) -> set[str]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        # Reported already, when the layout itself is read.
        return set()
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
