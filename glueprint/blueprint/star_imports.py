"""``from awsglue.transforms import *`` in files that are bundled with helpers: which names it brings.

Glue Studio writes such imports, and so do Amazon's sample layouts. Bundled files share one namespace, so the names
must be known. They are read from the module's text, where it is installed; nothing is imported.
"""

from __future__ import annotations

import ast
import functools
import importlib.util
from pathlib import Path

PACKAGES = ("awsglue", "pyspark")
"""Packages whose modules may be imported so: a Spark job has them, and a layout has ``awsglue.blueprint``."""

_LAYOUT_LIBRARY = Path(__file__).with_name("layout_library")
_TRANSFORMS = frozenset(
    {
        *("ApplyMapping", "Coalesce", "DropFields", "DropNullFields", "ErrorsAsDynamicFrame", "Filter", "FlatMap"),
        *("Join", "Map", "MapToCollection", "Relationalize", "RenameField", "Repartition", "ResolveChoice"),
        *("SelectFields", "SelectFromCollection", "Spigot", "SplitFields", "SplitRows", "Unbox", "Union"),
        "UnnestFrame",
    }
)
"""``__all__`` of ``awsglue.transforms``, which is computed (github awslabs/aws-glue-libs)."""


@functools.cache
def names_of(module: str) -> frozenset[str] | None:
    """Return the names that ``from module import *`` brings; None if they cannot be known here."""
    if module == "awsglue.transforms":
        return _TRANSFORMS
    path = _file_of(module)
    if path is None:
        return None
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return None
    return _declared_all(tree) or _public_names(tree)


def _file_of(module: str) -> Path | None:
    """Return the file of a module without importing it or its packages."""
    parts = module.split(".")
    if parts[:2] == ["awsglue", "blueprint"]:
        base, rest = _LAYOUT_LIBRARY, parts[2:]
    else:
        spec = importlib.util.find_spec(parts[0])
        if spec is None or not spec.submodule_search_locations:
            return None
        base, rest = Path(next(iter(spec.submodule_search_locations))), parts[1:]
    path = base.joinpath(*rest)
    found = (one for one in (path.with_suffix(".py"), path / "__init__.py") if one.is_file())
    return next(found, None)


def _declared_all(tree: ast.Module) -> frozenset[str] | None:
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(getattr(one, "id", "") == "__all__" for one in node.targets):
            try:
                return frozenset(ast.literal_eval(node.value))
            except ValueError:
                return None
    return None


def _public_names(tree: ast.Module) -> frozenset[str] | None:
    """Return the names that a module without ``__all__`` exports; None if one of its own imports hides some."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            if any(alias.name == "*" for alias in node.names):
                return None
            found.update(alias.asname or alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return frozenset(name for name in found if not name.startswith("_"))
