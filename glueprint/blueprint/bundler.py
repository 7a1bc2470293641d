"""Collects the files of a blueprint's zip: ``blueprints/X``, ``layouts/X.py`` and ``glue_jobs/X/`` become ``X/``.

In the zip every Python file is self-contained and is Python 3.9 (see ``self_contained`` and ``dialect``);
everything else is copied. The same tree makes the same files.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from glueprint.blueprint.config import CONFIG_NAME, ConfigError, parse_config
from glueprint.blueprint.dialect import CodeKind, dialect_problems, script_kind
from glueprint.blueprint.self_contained import BundleError, Merged, merge
from glueprint.facts.findings import Finding, Place

__all__ = ["BundleError", "bundle", "catalogue_names"]

_NAME = re.compile(r"[a-z][a-z0-9_]*")
LAYOUT = "layout.py"
SCRIPTS = "scripts"


def catalogue_names(root: Path) -> tuple[str, ...]:
    """The blueprints of the catalogue in the repository ``root``, sorted."""
    folders = (root / "blueprints").glob("*/")
    return tuple(sorted(folder.name for folder in folders if folder.is_dir() and folder.name[0] not in "._"))


def bundle(root: Path, name: str) -> dict[str, bytes]:
    """The files of the zip of blueprint ``name``, by path in the zip.

    ``name/blueprint.cfg``, ``name/README.md`` and all other files of ``blueprints/name/``;
    ``name/layout.py``; ``name/scripts/*`` from ``glue_jobs/name/``.

    Raises:
        BundleError: with every problem of every file, each with its path and line.
    """
    if not _NAME.fullmatch(name):
        text = "a blueprint's name is lower case letters, digits and _"
        raise BundleError([Finding("blueprint-name", Place(f"blueprints/{name}"), text)])
    files: dict[str, bytes] = {}
    problems: list[Finding] = []
    folder = root / "blueprints" / name
    for path in _files(folder):
        files[f"{name}/{path.relative_to(folder).as_posix()}"] = path.read_bytes()
    for target, source in _code(root, name):
        inside = f"{name}/{target}"
        if inside in files:
            text = f"this name is taken by {source}"
            problems.append(Finding("name-taken", Place(f"blueprints/{inside}"), text))
        elif not source.endswith(".py"):
            files[inside] = (root / source).read_bytes()
        else:
            files[inside] = _python(root, source, is_layout=target == LAYOUT, problems=problems)
    problems.extend(_config_problems(root, name, files))
    if problems:
        raise BundleError(problems)
    return files


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


def _python(root: Path, path: str, *, is_layout: bool, problems: list[Finding]) -> bytes:
    if not (root / path).is_file():
        problems.append(_no_file(path))
        return b""
    try:
        merged = merge(root, path)
    except BundleError as error:
        problems.extend(error.findings)
        return b""
    kind = CodeKind.LAYOUT if is_layout else script_kind(source.nodes for source in merged.sources)
    problems.extend(_dialect(merged, kind))
    return merged.text.encode("utf-8")


def _dialect(merged: Merged, kind: CodeKind) -> Iterator[Finding]:
    for source in merged.sources:
        yield from dialect_problems(source.nodes, source.path, kind)


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
