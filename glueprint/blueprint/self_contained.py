"""Writes the shared helpers that a Python file imports into the file itself.

Glue imports only the layout's own module, and a job is one script, but the catalogue has its helpers in modules of
their own. So ``from glue_jobs.common.presence import put_marker`` is replaced by the text of
``glue_jobs/common/presence.py``, with its comments, before the file's own text. All files then share one
namespace: a name that would mean something else there than in its own module is refused.
"""

from __future__ import annotations

import ast
import builtins
import functools
import itertools
import symtable
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from glueprint.blueprint.dialect import Nodes, in_catalogue, parse
from glueprint.blueprint.helpers import source_of
from glueprint.blueprint.import_block import MAX_LINE_LENGTH, ImportBlock
from glueprint.blueprint.star_imports import PACKAGES, names_of
from glueprint.facts.findings import Finding, FindingsError, Place
from glueprint.facts.source_lines import with_map

Import = ast.Import | ast.ImportFrom
Origin = tuple[str, ...]
"""Where a name comes from: names with equal origins are the same object."""
Line = tuple[str, tuple[str, int] | None]
"""A line of the bundled text, with its source and line there."""

_STYLE = "write it as: from {room}.common.<module> import <name> [as <name>]"
_BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("__"))
_RULE = "# " + "-" * 77


class BundleError(FindingsError):
    """Catalogue files that cannot become a blueprint; ``findings`` has every problem with its path and line."""

    separator = "\n"


@dataclass(frozen=True, slots=True)
class Uses:
    """One name taken from a helper."""

    helper: str
    """Path of the helper."""
    name: str
    renamed: str
    line: int


@dataclass(frozen=True, slots=True, eq=False)
class SourceFile:
    """A parsed file of the catalogue and its parts."""

    path: str
    """Relative to the repository, with ``/``."""
    text: str
    tree: ast.Module
    nodes: tuple[ast.AST, ...] = field(repr=False)
    """Every node of the tree."""
    import_statements: tuple[Import, ...] = field(repr=False)
    """Every import statement, wherever it is."""
    imports: tuple[Import, ...]
    """The import statements before any other statement, without those of helpers."""
    uses: tuple[Uses, ...]
    origins: Mapping[str, Origin] = field(repr=False)
    """The origin of each module-level name, apart from names taken from helpers."""
    cut: frozenset[int] = field(repr=False)
    """Line numbers of the imports, which are written in one block."""


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
    problems = list(_clashes(sources))
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
            analysed = _analysed(path, text, self._room, is_helper=bool(chain))
        except SyntaxError as error:
            self._problems.append(Finding("syntax-error", Place(path, error.lineno or 1), error.msg))
            return
        except (UnicodeDecodeError, ValueError) as error:
            self._problems.append(Finding("not-utf8", Place(path, 1), f"not Python in UTF-8: {error}"))
            return
        source = analysed.source
        self._problems.extend(analysed.problems)
        for use in source.uses:
            if source_of(self._root, use.helper).is_file():
                self._visit(use.helper, (*chain, path))
            else:
                text = f"there is no {use.helper}"
                self._problems.append(Finding("no-such-helper", Place(path, use.line), text))
        self._done[path] = source


@dataclass(frozen=True, slots=True)
class _Analysed:
    """One file, and what is wrong with it by itself."""

    source: SourceFile
    problems: tuple[Finding, ...]


@functools.lru_cache(maxsize=512)
def _analysed(path: str, text: str, room: str, *, is_helper: bool) -> _Analysed:
    """Analyse a file; the same helper is in many scripts, and is analysed once.

    Raises:
        SyntaxError: it is not Python.
        ValueError: it contains a character that Python refuses.
    """
    tree = parse(text, path)
    problems: list[Finding] = []
    prologue = list(_prologue(tree))
    nodes = tuple(ast.walk(tree))
    uses: list[Uses] = []
    plain: list[Import] = []
    for statement in prologue:
        if _touches_catalogue(statement):
            uses.extend(_read_use(path, statement, room, problems))
        else:
            plain.append(statement)
    problems.extend(_refusals(path, nodes, prologue, room))
    if is_helper:
        problems.extend(_helper_refusals(path, tree, nodes))
    if uses or is_helper:
        problems.extend(_shared_lines(path, tree, prologue))
    origins = _origins(path, text, plain, {use.renamed for use in uses})
    for use in uses:
        if origins.get(use.renamed) == ("defined", path, use.renamed):
            wrong = f"{use.renamed} is imported here and also assigned"
            problems.append(Finding("name-assigned-twice", Place(path, use.line), wrong))
    cut = frozenset(line for one in prologue for line in range(one.lineno, (one.end_lineno or one.lineno) + 1))
    statements = tuple(one for one in nodes if isinstance(one, (ast.Import, ast.ImportFrom)))
    source = SourceFile(path, text, tree, nodes, statements, tuple(plain), tuple(uses), origins, cut)
    return _Analysed(source, tuple(problems))


def _read_use(path: str, statement: Import, room: str, problems: list[Finding]) -> Iterator[Uses]:
    style = _STYLE.format(room=room)
    place = Place(path, statement.lineno)
    if isinstance(statement, ast.Import) or statement.level or statement.module is None:
        problems.append(Finding("import-form", place, "this form of import cannot be bundled", style))
        return
    parts = statement.module.split(".")
    if parts[:2] != [room, "common"] or len(parts) < 3:
        text = f"{statement.module} is not a helper of {room}/common"
        problems.append(Finding("not-a-helper", place, text, style))
        return
    helper = "/".join(parts) + ".py"
    for alias in statement.names:
        if alias.name == "*":
            problems.append(Finding("import-star", place, "import * cannot be bundled", style))
        else:
            yield Uses(helper, alias.name, alias.asname or alias.name, statement.lineno)


def _prologue(tree: ast.Module) -> Iterator[Import]:
    """The imports at the head of a file, after its docstring."""
    body = tree.body[1:] if ast.get_docstring(tree, clean=False) is not None else tree.body
    for statement in body:
        if not isinstance(statement, (ast.Import, ast.ImportFrom)):
            return
        yield statement


def _touches_catalogue(statement: Import) -> bool:
    if isinstance(statement, ast.Import):
        return any(in_catalogue(alias.name) for alias in statement.names)
    return statement.level > 0 or in_catalogue(statement.module or "")


def _refusals(path: str, nodes: Nodes, prologue: list[Import], room: str) -> Iterator[Finding]:
    """Imports that are not supported anywhere in a file."""
    for node in nodes:
        if not isinstance(node, (ast.Import, ast.ImportFrom)):
            continue
        if _touches_catalogue(node) and node not in prologue:
            text = "a helper must be imported at the head of the file"
            yield Finding("late-helper-import", Place(path, node.lineno), text, _STYLE.format(room=room))


def _helper_refusals(path: str, tree: ast.Module, nodes: Nodes) -> Iterator[Finding]:
    for node in nodes:
        if isinstance(node, ast.Name) and node.id == "__file__":
            text = "a helper has no file in the zip: __file__ would be another one"
            yield Finding("helper-file", Place(path, node.lineno), text)
    for statement in tree.body:
        if isinstance(statement, ast.If) and any(
            isinstance(node, ast.Name) and node.id == "__name__" for node in ast.walk(statement.test)
        ):
            text = 'a helper is not run by itself: its "if __name__" would run in every script'
            yield Finding("helper-main", Place(path, statement.lineno), text)


def _shared_lines(path: str, tree: ast.Module, prologue: list[Import]) -> Iterator[Finding]:
    heads = {one.lineno for one in tree.body if one not in prologue}
    seen: set[int] = set()
    for one in prologue:
        if one.lineno in heads | seen or (one.end_lineno or one.lineno) in heads:
            yield Finding("shared-import-line", Place(path, one.lineno), "put this import on its own line")
        seen.add(one.end_lineno or one.lineno)


def _origins(path: str, text: str, imports: Iterable[Import], used: set[str]) -> dict[str, Origin]:
    """The origins of the module-level names of a file: an import, or the file itself.

    Names in ``used`` come from helpers and appear only if the file assigns them as well.
    """
    found: dict[str, Origin] = {}
    for statement in imports:
        for alias in statement.names:
            if alias.name == "*":
                continue
            if isinstance(statement, ast.ImportFrom):
                found[alias.asname or alias.name] = ("from", statement.module or "", alias.name)
            elif alias.asname:
                found[alias.asname] = ("module", alias.name)
            else:
                top = alias.name.partition(".")[0]
                found[top] = ("module", top)
    table = symtable.symtable(text, path, "exec")
    # A later import is the file's own, too: only those at the head are written in one block.
    symbols = {symbol.get_name(): symbol for symbol in table.get_symbols()}
    head = found.keys() | used
    own = {
        name for name, one in symbols.items() if one.is_assigned() or (one.is_imported() and name not in head)
    }
    own |= set(_declared_global(table))
    found.update({name: ("defined", path, name) for name in own - {"__all__"}})
    return found


def _declared_global(table: symtable.SymbolTable) -> Iterator[str]:
    for child in table.get_children():
        yield from (s.get_name() for s in child.get_symbols() if s.is_declared_global() and s.is_assigned())
        yield from _declared_global(child)


def _clashes(sources: tuple[SourceFile, ...]) -> Iterator[Finding]:
    """Find names that would mean something else when all files share one namespace."""
    if len(sources) > 1:
        yield from _star_clashes(sources)
    by_path: dict[str, dict[str, Origin]] = {}
    taken: dict[str, tuple[str, Origin]] = {}
    for source in sources:
        names = dict(source.origins)
        for use in source.uses:
            origin = by_path[use.helper].get(use.name)
            if origin is None:
                text = f"{use.helper} has no {use.name}"
                yield Finding("no-such-name", Place(source.path, use.line), text)
            else:
                names[use.renamed] = origin
        by_path[source.path] = names
        for name, origin in names.items():
            where, first = taken.setdefault(name, (source.path, origin))
            if first != origin:
                place = Place(source.path, _line_of(source, name))
                text = f"{name} means something else in {where}"
                yield Finding("name-clash", place, text, "rename one of them")
            if origin[0] == "defined" and len(sources) > 1 and name in _BUILTINS:
                place = Place(source.path, _line_of(source, name))
                text = f"{name} hides Python's own in every file bundled with it"
                yield Finding("builtin-hidden", place, text, "rename it")


def _star_clashes(sources: tuple[SourceFile, ...]) -> Iterator[Finding]:
    """Find imports of ``*`` that would change what a name means in another of the bundled files."""
    for source in sources:
        for node in source.import_statements:
            if not isinstance(node, ast.ImportFrom) or all(alias.name != "*" for alias in node.names):
                continue
            module, place = node.module or "", Place(source.path, node.lineno)
            names = names_of(module) if module.partition(".")[0] in PACKAGES else None
            if names is None or node not in source.imports:
                text = f"name what you use of {module} instead of importing *"
                why = "the file is bundled with helpers, and they share one namespace"
                yield Finding("import-star", place, text, why)
                continue
            for other in sources:
                if other is source or _imports_star(other, module):
                    continue
                if changed := sorted(names & _global_names(other)):
                    text = f"import * of {module} changes {', '.join(changed[:5])} in {other.path}"
                    yield Finding("import-star", place, text, f"name what you use of {module}")


def _imports_star(source: SourceFile, module: str) -> bool:
    return any(
        isinstance(one, ast.ImportFrom) and one.module == module and one.names[0].name == "*"
        for one in source.imports
    )


def _global_names(source: SourceFile) -> set[str]:
    """Return the names that a file defines or uses and does not import: an import by name wins over ``*``."""
    named = {alias.asname or alias.name.partition(".")[0] for one in source.imports for alias in one.names}
    used = {node.id for node in source.nodes if isinstance(node, ast.Name)}
    defined = {name for name, origin in source.origins.items() if origin[0] == "defined"}
    return (used | defined) - named


def _line_of(source: SourceFile, name: str) -> int:
    """The line where a module-level name is first bound, as far as it can be found."""
    for node in source.nodes:
        bound = getattr(node, "name", None) or (node.id if isinstance(node, ast.Name) else None)
        if isinstance(node, ast.alias):
            bound = node.asname or node.name.partition(".")[0]
        if bound == name:
            line: int = getattr(node, "lineno", 1)
            return line
    return 1


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
