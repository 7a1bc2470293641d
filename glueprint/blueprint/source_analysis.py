"""Analyses one Python file of the catalogue: its imports, the helpers that it uses, where its names come from."""

from __future__ import annotations

import ast
import functools
import symtable
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from glueprint.blueprint.dialect import Nodes, every_node, in_catalogue, parse
from glueprint.facts.findings import Finding, Place

Import = ast.Import | ast.ImportFrom
Origin = tuple[str, ...]
"""Where a name comes from: names with equal origins are the same object."""

_STYLE = "write it as: from {room}.common.<module> import <name> [as <name>]"


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
class Analysed:
    """One file, and what is wrong with it by itself."""

    source: SourceFile
    problems: tuple[Finding, ...]


@functools.lru_cache(maxsize=512)
def analysed(path: str, text: str, room: str, *, is_helper: bool) -> Analysed:
    """Analyse a file; the same helper is in many scripts, and is analysed once.

    Raises:
        SyntaxError: it is not Python.
        ValueError: it contains a character that Python refuses.
    """
    tree = parse(text, path)
    problems: list[Finding] = []
    prologue = list(_prologue(tree))
    nodes = tuple(every_node(tree))
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
    return Analysed(source, tuple(problems))


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
    own = {name for name, one in symbols.items() if one.is_assigned() or (one.is_imported() and name not in head)}
    own |= set(_declared_global(table))
    found.update({name: ("defined", path, name) for name in own - {"__all__"}})
    return found


def _declared_global(table: symtable.SymbolTable) -> Iterator[str]:
    for child in table.get_children():
        yield from (s.get_name() for s in child.get_symbols() if s.is_declared_global() and s.is_assigned())
        yield from _declared_global(child)
