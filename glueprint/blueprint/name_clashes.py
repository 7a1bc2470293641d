"""Finds names that would mean something else when a file and its helpers share one namespace."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from glueprint.blueprint.source_analysis import Origin, SourceFile
from glueprint.blueprint.star_imports import PACKAGES, names_of
from glueprint.facts.findings import Finding, Place

_BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("__"))


def name_clashes(sources: tuple[SourceFile, ...]) -> Iterator[Finding]:
    """Yield a finding for each name that would mean something else when all files share one namespace.

    Args:
        sources: helpers before the files that use them.
    """
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
