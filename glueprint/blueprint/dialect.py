"""The Python that Glue runs: which modules a layout or a script can import, and which Python it is written for.

Only what certainly fails in Glue is an error; what may be missing there is a warning. Sources: DG:add-job-python
(3.9, boto3, no pyspark), DG:developing-blueprints-code-layout (a layout has what a Python shell job has, and the
blueprint library), DG:aws-glue-programming-python-libraries (Spark jobs). ``ast`` finds newer syntax; the names
and arguments listed here are those that scripts are most likely to use.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from glueprint.blueprint.declared_jobs import (
    SHELL_COMMAND,
    SPARK_COMMANDS,
    DeclaredJobs,
    newest_python,
)
from glueprint.compat import StrEnum
from glueprint.facts.findings import Finding, Place, Severity
from glueprint.facts.glue_python import ANALYTICS_MODULES, BOTO, SHELL_PYTHON, SPARK_MODULES, Version

Nodes = Sequence[ast.AST]
"""Every node of a file, as ``ast.walk`` gives them; walking once saves most of a build's time."""


class CodeKind(StrEnum):
    """Where a Python file of a blueprint runs."""

    LAYOUT = "layout"
    PYTHON_SHELL = "Python shell script"
    SPARK = "Spark script"


@dataclass(frozen=True, slots=True)
class Target:
    """What will run a Python file.

    Attributes:
        python: its version; None if it is not known.
        is_certain: whether ``kind`` is known from the layout, and not only guessed from the file's imports.
        installs: whether the layout contains a parameter that brings modules.
        has_library_set: whether the layout contains ``library-set``.
        in_zip: top-level modules that are files of the zip.
    """

    kind: CodeKind
    python: Version | None = None
    is_certain: bool = True
    installs: bool = False
    has_library_set: bool = False
    in_zip: frozenset[str] = frozenset()


LAYOUT = Target(CodeKind.LAYOUT, SHELL_PYTHON, has_library_set=True)
_STDLIB = sys.stdlib_module_names - {"tomllib", "compression", "annotationlib"}
"""Of this Python, without what came after 3.9."""
_LATER_MODULES: Mapping[str, Version] = {"tomllib": (3, 11), "annotationlib": (3, 14), "compression": (3, 14)}
_LATER_NAMES: Mapping[str, Mapping[str, Version]] = {
    "contextlib": {"aclosing": (3, 10), "chdir": (3, 11)},
    "datetime": {"UTC": (3, 11)},
    "enum": dict.fromkeys(("StrEnum", "verify", "member", "nonmember"), (3, 11)),
    "itertools": {"pairwise": (3, 10), "batched": (3, 12)},
    "types": dict.fromkeys(("NoneType", "UnionType", "EllipsisType"), (3, 10)),
    "typing": {
        **dict.fromkeys(("Concatenate", "ParamSpec", "TypeAlias", "TypeGuard"), (3, 10)),
        **dict.fromkeys(("LiteralString", "Never", "NotRequired", "Required", "Self", "Unpack"), (3, 11)),
        **dict.fromkeys(("assert_never", "assert_type", "reveal_type"), (3, 11)),
        "override": (3, 12),
    },
}
_LATER_ARGUMENTS: Mapping[str, Mapping[str, Version]] = {
    "zip": {"strict": (3, 10)},
    "dataclass": {"slots": (3, 10), "kw_only": (3, 10), "weakref_slot": (3, 11)},
}
_UNIONS: Version = (3, 10)
_INSTALLING = ("additional-python-modules", "extra-py-files", "python-modules-installer-option")
_BRING_MODULES = "give the job --additional-python-modules, or the module as a file with --extra-py-files"


def parse(source: str, path: str) -> ast.Module:
    """Parse ``source`` with the syntax of this Python.

    Raises:
        SyntaxError: with ``path`` and line.
    """
    return ast.parse(source, filename=path)


def every_node(tree: ast.AST) -> list[ast.AST]:
    """Return what ``ast.walk`` yields, in half the time: a check walks hundreds of thousands of nodes."""
    nodes = [tree]
    for node in nodes:  # which grows
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                nodes += [one for one in value if isinstance(one, ast.AST)]
            elif isinstance(value, ast.AST):
                nodes.append(value)
    return nodes


def target_of_script(declared: DeclaredJobs, file_name: str, files: Iterable[Nodes]) -> Target:
    """Return what will run a script, given with what is bundled into it.

    The layout's job decides; if the text does not show it, a script is for Spark if it imports pyspark or more of
    ``awsglue`` than ``utils``.
    """
    jobs = declared.of_script(file_name)
    guess = _guessed_kind(files)
    kinds = {_kind_of(job.command) for job in jobs}
    kind, is_certain = guess, False
    if len(kinds) == 1 and None not in kinds:
        (only,) = kinds
        assert only is not None
        kind, is_certain = only, True
    elif guess in kinds:
        is_certain = None not in kinds
    return Target(
        kind,
        newest_python(job for job in jobs if _kind_of(job.command) in (kind, None)),
        is_certain,
        declared.mentions(*_INSTALLING),
        declared.mentions("library-set"),
    )


def _kind_of(command: str | None) -> CodeKind | None:
    if command == SHELL_COMMAND:
        return CodeKind.PYTHON_SHELL
    return CodeKind.SPARK if command in SPARK_COMMANDS else None


def _guessed_kind(files: Iterable[Nodes]) -> CodeKind:
    imported = [module for nodes in files for module, _ in _imports(nodes)]
    spark = any(_within(module, "pyspark") for module in imported)
    glue = any(_within(module, "awsglue") and not _within(module, "awsglue.utils") for module in imported)
    return CodeKind.SPARK if spark or glue else CodeKind.PYTHON_SHELL


def dialect_problems(nodes: Nodes, text: str, path: str, target: Target) -> list[Finding]:
    """Return what does not work in Glue's Python (errors), or may not work there (warnings).

    Imports of the catalogue's own helpers must be gone, or be passed over by the caller.
    """
    guarded = _guarded(nodes)
    found = [*_import_problems(nodes, target, guarded)]
    # A script of unknown kind is only compared with the oldest Python that may run it, as a warning.
    python = target.python or (SHELL_PYTHON if target.kind is CodeKind.PYTHON_SHELL else None)
    if python is not None:
        severity = Severity.ERROR if target.python is not None else Severity.WARNING
        newer = [
            *_newer_syntax(nodes, text, python),
            *_newer_modules(nodes, python, guarded),
            *_newer_names(nodes, python, guarded),
            *_newer_arguments(nodes, python),
            *_bare_unions(nodes, python),
        ]
        found += [one._replace(severity=severity) for one in newer]
    found.sort(key=lambda one: (one.line, one.message, one.remedy))
    return [
        Finding(one.rule, Place(path, one.line), one.message, one.remedy, severity=one.severity) for one in found
    ]


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
    severity: Severity = Severity.ERROR


_IMPORT_FAILURES = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


def _guarded(nodes: Nodes) -> frozenset[int]:
    """Return the lines of imports that are optional: in a ``try`` whose handlers catch a failed import, in those
    handlers, or after a look at ``sys.version_info``."""
    lines: set[int] = set()
    for node in nodes:
        parts: list[ast.stmt] = []
        if isinstance(node, ast.Try) and any(_catches_import(handler) for handler in node.handlers):
            parts = [*node.body, *(one for handler in node.handlers for one in handler.body)]
        elif isinstance(node, ast.If) and any(
            getattr(part, "attr", getattr(part, "id", "")) in ("version_info", "TYPE_CHECKING")
            for part in ast.walk(node.test)
        ):
            parts = [*node.body, *node.orelse]
        lines.update(line for one in parts for line in range(one.lineno, (one.end_lineno or one.lineno) + 1))
    return frozenset(lines)


def _catches_import(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    return any(
        getattr(part, "id", getattr(part, "attr", "")) in _IMPORT_FAILURES for part in ast.walk(handler.type)
    )


def _import_problems(nodes: Nodes, target: Target, guarded: frozenset[int]) -> Iterator[_Fault]:
    for module, line in _imports(nodes):
        top = module.partition(".")[0]
        if line in guarded or is_stdlib(module) or top in _LATER_MODULES or in_catalogue(module):
            continue
        if top in target.in_zip:
            continue
        fault = _IMPORT_RULES[target.kind](module, target)
        if fault is not None:
            yield fault._replace(line=line)


def _layout_import(module: str, target: Target) -> _Fault | None:
    top = module.partition(".")[0]
    if top in BOTO or _within(module, "awsglue.blueprint"):
        return None
    if top in ANALYTICS_MODULES:
        text = f"{top} may be missing where Glue runs a layout: only boto3 and the standard library are certain"
        return _Fault(0, "import-not-certain", text, severity=Severity.WARNING)
    has = "it has the standard library, boto3, awsglue.blueprint and the libraries of Python shell jobs"
    return _Fault(0, "import-not-available", f"a layout cannot import {module}: {has}")


def _shell_import(module: str, target: Target) -> _Fault | None:
    top = module.partition(".")[0]
    if top in BOTO or _within(module, "awsglue.utils"):
        return None
    if top in ("pyspark", "py4j", "awsglue"):
        text = f"a Python shell script cannot import {module}: only Spark jobs (glueetl) can"
        return _Fault(0, "import-not-available", text)
    if target.installs:
        return None
    if top in ANALYTICS_MODULES:
        if target.has_library_set:
            return None
        text = f"a Python shell job has {top} only with library-set=analytics; a Spark job may have it"
        return _Fault(0, "import-needs-library-set", text, severity=Severity.WARNING)
    text = f"a Python shell job does not have {top} by itself"
    return _Fault(0, "import-not-provided", text, _BRING_MODULES, Severity.WARNING)


def _spark_import(module: str, target: Target) -> _Fault | None:
    top = module.partition(".")[0]
    if top in SPARK_MODULES or top in ("pyspark", "awsglue") or target.installs:
        return None
    text = f"{top} is not among the modules that Glue documents for Spark jobs"
    return _Fault(0, "import-not-provided", text, _BRING_MODULES, Severity.WARNING)


_IMPORT_RULES = {
    CodeKind.LAYOUT: _layout_import,
    CodeKind.PYTHON_SHELL: _shell_import,
    CodeKind.SPARK: _spark_import,
}


_LATER_STATEMENTS: Mapping[str, Version] = {"Match": (3, 10), "TryStar": (3, 11), "TypeAlias": (3, 12)}


def _newer_syntax(nodes: Nodes, text: str, python: Version) -> Iterator[_Fault]:
    try:
        ast.parse(text, feature_version=python)
    except SyntaxError as error:
        # The parser notices such a statement at its end.
        later = [node for node in nodes if _LATER_STATEMENTS.get(type(node).__name__, python) > python]
        line = min((getattr(node, "lineno", 1) for node in later), default=error.lineno or 1)
        yield _Fault(line, "syntax-newer-than-python", error.msg)


def _newer_modules(nodes: Nodes, python: Version, guarded: frozenset[int]) -> Iterator[_Fault]:
    for module, line in _imports(nodes):
        since = _LATER_MODULES.get(module.partition(".")[0])
        if since is not None and since > python and line not in guarded:
            text = f"the module {module} is not in Python {_shown(python)}"
            yield _Fault(line, "module-newer-than-python", text)


def _newer_names(nodes: Nodes, python: Version, guarded: frozenset[int]) -> Iterator[_Fault]:
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module in _LATER_NAMES:
            names = [(node.module or "", alias.name) for alias in node.names]
        elif isinstance(node, ast.Attribute):
            names = [(getattr(node.value, "id", ""), node.attr)]
        else:
            continue
        for module, name in names:
            since = _LATER_NAMES.get(module, {}).get(name)
            if since is not None and since > python and node.lineno not in guarded:
                text = f"{module}.{name} is not in Python {_shown(python)}"
                yield _Fault(node.lineno, "name-newer-than-python", text)


def _newer_arguments(nodes: Nodes, python: Version) -> Iterator[_Fault]:
    for node in nodes:
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        for keyword in node.keywords:
            since = _LATER_ARGUMENTS.get(name, {}).get(keyword.arg or "")
            if since is not None and since > python:
                text = f"{name}({keyword.arg}=...) is not in Python {_shown(python)}"
                yield _Fault(node.lineno, "argument-newer-than-python", text)


def _bare_unions(nodes: Nodes, python: Version) -> Iterator[_Fault]:
    """``int | None`` in an annotation, which 3.9 evaluates and fails on unless annotations are postponed."""
    futures = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
    postponed = any(alias.name == "annotations" for future in futures for alias in future.names)
    if postponed or python >= _UNIONS:
        return
    for annotation in _annotations(nodes):
        if any(isinstance(part, ast.BitOr) for part in every_node(annotation)):
            text = f'a union X | Y needs "from __future__ import annotations" in Python {_shown(python)}'
            yield _Fault(annotation.lineno, "union-newer-than-python", text)


def _annotations(nodes: Nodes) -> Iterator[ast.expr]:
    for node in nodes:
        if isinstance(node, (ast.arg, ast.AnnAssign)) and node.annotation is not None:
            yield node.annotation
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.returns is not None:
            yield node.returns


def _shown(python: Version) -> str:
    return f"{python[0]}.{python[1]}"
