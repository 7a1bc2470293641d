"""Writes the shared helpers that a Python file imports into the file itself.

Glue imports only the layout's own module, and a job is one script, but the catalogue has its helpers in modules of
their own. So ``from glue_jobs.common.presence import put_marker`` is replaced by the text of
``glue_jobs/common/presence.py``, with its comments, before the file's own text. All files then share one
namespace: a name that would mean something else there than in its own module is refused.
"""

from __future__ import annotations

import ast
import itertools
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from glueprint.blueprint.helpers import source_of
from glueprint.blueprint.import_block import MAX_LINE_LENGTH, ImportBlock
from glueprint.blueprint.name_clashes import name_clashes
from glueprint.blueprint.source_analysis import Import, SourceFile, analysed
from glueprint.facts.findings import Finding, FindingsError, Place
from glueprint.facts.source_lines import with_map

Line = tuple[str, tuple[str, int] | None]
"""A line of the bundled text, with its source and line there."""

_RULE = "# " + "-" * 77


class BundleError(FindingsError):
    """Catalogue files that cannot become a blueprint; ``findings`` has every problem with its path and line."""

    separator = "\n"


@dataclass(frozen=True, slots=True)
class Merged:
    """A self-contained file."""

    text: str
    sources: tuple[SourceFile, ...]
    """Everything that it was made of: helpers first, in the order written, the file itself last."""


def merge(root: Path, path: str) -> Merged:
    """Make the file at ``path`` self-contained.

    Args:
        root: the repository.
        path: relative to ``root``, with ``/``; helpers come from ``common`` under its first part, or if there is
            no such file, from those that Glueprint ships.

    Raises:
        BundleError: with every problem of the file and its helpers.
    """
    sources = _Loader(root, path.partition("/")[0]).load(path)
    problems = list(name_clashes(sources))
    if problems:
        raise BundleError(problems)
    main = sources[-1]
    text = main.text if not main.uses else _written(sources)
    return Merged(text, sources)


class _Loader:
    """Reads a file and, through its imports, its helpers; each once, helpers before those who use them."""

    def __init__(self, root: Path, room: str) -> None:
        self._root = root
        self._room = room
        self._done: dict[str, SourceFile] = {}
        self._problems: list[Finding] = []

    def load(self, path: str) -> tuple[SourceFile, ...]:
        self._visit(path, ())
        if self._problems:
            raise BundleError(self._problems)
        return tuple(self._done.values())

    def _visit(self, path: str, chain: tuple[str, ...]) -> None:
        if path in self._done:
            return
        if path in chain:
            cycle = " -> ".join((*chain[chain.index(path) :], path))
            text = f"helpers import each other in a cycle: {cycle}"
            self._problems.append(Finding("helper-cycle", Place(chain[-1], 1), text))
            return
        try:
            text = source_of(self._root, path).read_text(encoding="utf-8")
            found = analysed(path, text, self._room, is_helper=bool(chain))
        except SyntaxError as error:
            self._problems.append(Finding("syntax-error", Place(path, error.lineno or 1), error.msg))
            return
        except (UnicodeDecodeError, ValueError) as error:
            self._problems.append(Finding("not-utf8", Place(path, 1), f"not Python in UTF-8: {error}"))
            return
        source = found.source
        self._problems.extend(found.problems)
        for use in source.uses:
            if source_of(self._root, use.helper).is_file():
                self._visit(use.helper, (*chain, path))
            else:
                text = f"there is no {use.helper}"
                self._problems.append(Finding("no-such-helper", Place(path, use.line), text))
        self._done[path] = source


def _written(sources: tuple[SourceFile, ...]) -> str:
    """The complete text: the head of the file itself, all imports, then each file under a banner; the line map."""
    block = ImportBlock()
    for source in sources:
        for statement in source.imports:
            block.add(statement)
    main = sources[-1]
    end = _end_of_head(main)
    top = list(filter(None, [_source_lines(main, range(1, end + 1)), _import_lines(block.render(), sources)]))
    sections = [_section(helper, _after_docstring(helper), _doc(helper)) for helper in sources[:-1]]
    sections.append(_section(main, end, []))
    lines = _joined([*top, _joined(sections, 2)], 1)
    text = "".join(f"{line}\n" for line, _ in lines)
    return with_map(text, (origin for _, origin in lines))


def _section(source: SourceFile, start: int, about: list[str]) -> list[Line]:
    """One file's own text from line ``start`` on, without its imports."""
    banner: list[Line] = [(line, None) for line in (_RULE, f"# {source.path}", *about, _RULE)]
    renames: list[Line] = [
        (f"{use.renamed} = {use.name}", (source.path, use.line)) for use in source.uses if use.renamed != use.name
    ]
    numbers = range(start + 1, source.text.count("\n") + 2)
    kept = _source_lines(source, [number for number in numbers if number not in source.cut])
    return _joined(list(filter(None, [banner, renames, kept])), 1)


def _source_lines(source: SourceFile, numbers: Iterable[int]) -> list[Line]:
    """Lines of a source, without empty ones at the start and the end."""
    lines = source.text.split("\n")
    found: list[Line] = [(lines[number - 1], (source.path, number)) for number in numbers]
    while found and not found[0][0]:
        del found[0]
    while found and not found[-1][0]:
        del found[-1]
    return found


def _import_lines(text: str, sources: tuple[SourceFile, ...]) -> list[Line]:
    """The lines of the block of imports. What several files import has the lines of the last one."""
    if not text:
        return []
    origins = {
        key: (source.path, statement.lineno)
        for source in sources
        for statement in source.imports
        for key in _imported(statement)
    }
    starts = {
        statement.lineno: origins[next(_imported(statement))]
        for statement in ast.parse(text).body
        if isinstance(statement, (ast.Import, ast.ImportFrom))
    }
    return [(line, starts.get(number)) for number, line in enumerate(text.split("\n"), 1)]


def _imported(statement: Import) -> Iterator[tuple[str | None, str, str | None]]:
    module = statement.module if isinstance(statement, ast.ImportFrom) else None
    return ((module, alias.name, alias.asname) for alias in statement.names)


def _joined(parts: list[list[Line]], empty: int) -> list[Line]:
    """Return all lines, with a number of empty ones between the parts."""
    found: list[Line] = []
    for part in parts:
        found += [("", None)] * (empty if found else 0) + part
    return found


def _doc(source: SourceFile) -> list[str]:
    """The docstring of a helper as comments."""
    lines = (ast.get_docstring(source.tree) or "").splitlines()
    return [f"# {part}".rstrip() for line in lines for part in textwrap.wrap(line, MAX_LINE_LENGTH - 2) or [""]]


def _after_docstring(source: SourceFile) -> int:
    if ast.get_docstring(source.tree, clean=False) is None:
        return 0
    return source.tree.body[0].end_lineno or 0


def _end_of_head(source: SourceFile) -> int:
    """The last of the lines that must stay on top of a file: comments and the docstring."""
    comments = itertools.takewhile(lambda line: line.startswith("#"), source.text.split("\n"))
    return _after_docstring(source) or len(list(comments))
