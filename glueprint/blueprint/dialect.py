"""The Python that Glue runs: which modules a layout or a script can import, and what version 3.9 does not have.

Sources: DG:add-job-python (3.9, boto3, no pyspark), DG:developing-blueprints-code-layout (a layout has what a
Python shell job has, and the blueprint library). ``ast`` finds newer syntax; the names and arguments listed here
are those that catalogue code is most likely to use.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from glueprint.facts.findings import Finding, Place

GLUE_PYTHON = (3, 9)

Nodes = Sequence[ast.AST]
"""Every node of a file, as ``ast.walk`` returns them; walking once saves most of a build's time."""

BOTO_AND_WHAT_IT_NEEDS = frozenset(
    {"boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3"}
)
"""Top-level modules that must be importable for boto3 to work."""


class CodeKind(StrEnum):
    """Where a Python file of a blueprint runs."""

    LAYOUT = "layout"
    PYTHON_SHELL = "Python shell script"
    SPARK = "Spark script"


_BOTO = ("boto3", "botocore")
_MODULES: dict[CodeKind, tuple[str, ...]] = {
    CodeKind.LAYOUT: (*_BOTO, "awsglue.blueprint"),
    CodeKind.PYTHON_SHELL: (*_BOTO, "awsglue.utils"),
    CodeKind.SPARK: (*_BOTO, "awsglue", "pyspark", "pyarrow"),
}
_STDLIB = sys.stdlib_module_names - {"tomllib", "compression", "annotationlib"}
"""Of this Python, without what came after 3.9."""

_LATER_NAMES = {
    "contextlib": ("aclosing", "chdir"),
    "datetime": ("UTC",),
    "enum": ("StrEnum", "verify", "member", "nonmember"),
    "itertools": ("pairwise", "batched"),
    "types": ("NoneType", "UnionType", "EllipsisType"),
    "typing": (
        *(
            "Concatenate",
            "LiteralString",
            "Never",
            "NotRequired",
            "ParamSpec",
            "Required",
            "Self",
            "TypeAlias",
        ),
        *("TypeGuard", "Unpack", "assert_never", "assert_type", "override", "reveal_type"),
    ),
}
_LATER_ARGUMENTS = {"zip": ("strict",), "dataclass": ("slots", "kw_only", "weakref_slot")}


def parse(source: str, path: str) -> ast.Module:
    """Parse ``source`` as the Python of Glue.

    Raises:
        SyntaxError: with ``path`` and line, also for syntax that is newer than 3.9.
    """
    return ast.parse(source, filename=path, feature_version=GLUE_PYTHON)


def script_kind(files: Iterable[Nodes]) -> CodeKind:
    """Whether a script, given with what is bundled into it, is for Spark: it is if it imports pyspark or more of
    ``awsglue`` than ``utils``."""
    imported = [module for nodes in files for module, _ in _imports(nodes)]
    spark = any(_within(module, "pyspark") for module in imported)
    glue = any(_within(module, "awsglue") and not _within(module, "awsglue.utils") for module in imported)
    return CodeKind.SPARK if spark or glue else CodeKind.PYTHON_SHELL


def dialect_problems(nodes: Nodes, path: str, kind: CodeKind) -> list[Finding]:
    """Return what does not work in Glue's Python.

    Imports of the catalogue's own helpers must be gone, or be passed over by the caller.
    """
    found = [
        *_import_problems(nodes, kind),
        *_later_names(nodes),
        *_later_arguments(nodes),
        *_bare_unions(nodes),
    ]
    found.sort(key=lambda one: (one.line, one.message, one.remedy))
    return [Finding(one.rule, Place(path, one.line), one.message, one.remedy) for one in found]


def in_catalogue(module: str) -> bool:
    """Whether a dotted module path is in the catalogue."""
    return _within(module, "layouts") or _within(module, "glue_jobs")


def is_stdlib(module: str) -> bool:
    """Whether a dotted module path belongs to the standard library of Glue's Python."""
    return module.partition(".")[0] in _STDLIB


def _within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def _imports(nodes: Nodes) -> Iterator[tuple[str, int]]:
    """Modules imported anywhere in a file, with their lines; ``from awsglue import x`` counts as ``awsglue.x``."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None and node.level == 0:
            if node.module == "awsglue":
                yield from ((f"awsglue.{alias.name}", node.lineno) for alias in node.names)
            else:
                yield node.module, node.lineno


class _Fault(NamedTuple):
    line: int
    rule: str
    message: str
    remedy: str = ""


def _import_problems(nodes: Nodes, kind: CodeKind) -> Iterator[_Fault]:
    allowed = _MODULES[kind]
    for module, line in _imports(nodes):
        if is_stdlib(module) or in_catalogue(module) or any(_within(module, package) for package in allowed):
            continue
        hint = ""
        if kind is CodeKind.PYTHON_SHELL and _within(module, "pyarrow"):
            hint = " (a script is for Spark if it imports pyspark)"
        has = f"it has the standard library, {', '.join(allowed)}{hint}"
        yield _Fault(line, "import-not-available", f"a {kind} cannot import {module}: {has}")


def _later_names(nodes: Nodes) -> Iterator[_Fault]:
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module in _LATER_NAMES:
            for alias in node.names:
                if alias.name in _LATER_NAMES[node.module]:
                    text = f"{node.module}.{alias.name} is not in Python 3.9"
                    yield _Fault(node.lineno, "name-newer-than-python", text)
        elif isinstance(node, ast.Attribute):
            module = getattr(node.value, "id", "")
            if node.attr in _LATER_NAMES.get(module, ()):
                text = f"{module}.{node.attr} is not in Python 3.9"
                yield _Fault(node.lineno, "name-newer-than-python", text)


def _later_arguments(nodes: Nodes) -> Iterator[_Fault]:
    for node in nodes:
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        for keyword in node.keywords:
            if keyword.arg in _LATER_ARGUMENTS.get(name, ()):
                text = f"{name}({keyword.arg}=...) is not in Python 3.9"
                yield _Fault(node.lineno, "argument-newer-than-python", text)


def _bare_unions(nodes: Nodes) -> Iterator[_Fault]:
    """``int | None`` in an annotation, which 3.9 evaluates and fails on unless annotations are postponed."""
    futures = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
    if any(alias.name == "annotations" for future in futures for alias in future.names):
        return
    for annotation in _annotations(nodes):
        if any(isinstance(part, ast.BitOr) for part in ast.walk(annotation)):
            text = 'a union X | Y needs "from __future__ import annotations" in Python 3.9'
            yield _Fault(annotation.lineno, "union-newer-than-python", text)


def _annotations(nodes: Nodes) -> Iterator[ast.expr]:
    for node in nodes:
        if isinstance(node, (ast.arg, ast.AnnAssign)) and node.annotation is not None:
            yield node.annotation
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.returns is not None:
            yield node.returns
