"""The imports of several files as one block, in the order and shape that isort and ruff expect."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from glueprint.blueprint.dialect import is_stdlib

MAX_LINE_LENGTH = 110
"""Characters of a line that is written."""


class ImportBlock:
    """Collects import statements and writes each import once."""

    def __init__(self) -> None:
        self._futures: set[str] = set()
        self._modules: set[tuple[str, str | None]] = set()
        self._plain: dict[str, set[str]] = {}
        self._renamed: set[tuple[str, str, str]] = set()
        self._stars: dict[str, None] = {}

    def add(self, statement: ast.Import | ast.ImportFrom) -> None:
        """Add one absolute import."""
        if isinstance(statement, ast.Import):
            self._modules.update((alias.name, alias.asname) for alias in statement.names)
            return
        assert statement.module is not None
        for alias in statement.names:
            if alias.name == "*":
                self._stars.setdefault(statement.module)
            elif statement.module == "__future__":
                self._futures.add(alias.name)
            elif alias.asname is not None:
                self._renamed.add((statement.module, alias.name, alias.asname))
            else:
                self._plain.setdefault(statement.module, set()).add(alias.name)

    def render(self) -> str:
        """Return the block without a last newline: future, standard library and other imports.

        Imports of ``*`` come before the others, in the order written, so that names that are imported by name win.
        """
        future = [_from("__future__", sorted(self._futures))] if self._futures else []
        stars = [f"from {module} import *" for module in self._stars]
        sections = (future, stars, self._section(standard=True), self._section(standard=False))
        return "\n\n".join("\n".join(section) for section in sections if section)

    def _section(self, *, standard: bool) -> list[str]:
        modules = sorted(
            (one for one in self._modules if is_stdlib(one[0]) is standard),
            key=lambda one: (one[0].lower(), one[0], one[1] or ""),
        )
        froms = [(module, sorted(names, key=_member_key), "") for module, names in self._plain.items()]
        froms += [(module, [name], f" as {renamed}") for module, name, renamed in self._renamed]
        chosen = sorted(
            (one for one in froms if is_stdlib(one[0]) is standard),
            key=lambda one: (one[0].lower(), one[0], _member_key(one[1][0]), one[2]),
        )
        plain = [
            f"import {module} as {renamed}" if renamed else f"import {module}" for module, renamed in modules
        ]
        return plain + [_from(module, names, renamed) for module, names, renamed in chosen]


def _from(module: str, names: Iterable[str], renamed: str = "") -> str:
    line = f"from {module} import {', '.join(names)}{renamed}"
    if len(line) <= MAX_LINE_LENGTH:
        return line
    return "\n".join([f"from {module} import (", *(f"    {name}{renamed}," for name in names), ")"])


def _member_key(name: str) -> tuple[int, str, str]:
    """Constants, then classes, then the rest (isort's order-by-type)."""
    if len(name) > 1 and name.isupper():
        rank = 0
    elif name[:1].isupper():
        rank = 1
    else:
        rank = 2
    return rank, name.lower(), name
