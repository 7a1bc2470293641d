"""Rules for the text of a layout: files that it opens, clients that it makes."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from glueprint.blueprint.dialect import LAYOUT, dialect_problems, every_node
from glueprint.check.rule import error, warning
from glueprint.check.subject import Subject
from glueprint.facts.findings import Finding

OPEN_PATH = error(
    "layout-open-path",
    "The layout opens a file that is not at this path",
    "Glue runs a layout where the zip was extracted, so paths start with the folder of the zip.",
    "write the path from the root of the zip, such as NAME/scripts/job.py",
    "DG:developing-blueprints-code-layout",
)
CLIENT_REGION = warning(
    "client-without-region",
    "The layout makes an AWS client without a region",
    "The region of the layout's environment is not documented; system_params has the one of the blueprint run.",
    'pass region_name=system_params["region"]',
    "DG:developing-blueprints-code-layout",
)
NOT_DECLARED = error(
    "parameter-not-declared",
    "The layout reads a parameter that blueprint.cfg does not declare",
    "Glue passes the declared parameters only, so the layout fails with a KeyError.",
    "declare it in parameterSpec, or correct the name",
    "DG:developing-blueprints-code-parameters",
)
RULES = (OPEN_PATH, CLIENT_REGION, NOT_DECLARED)


def findings(subject: Subject) -> Iterator[Finding]:
    """Check the layout's text, and for folders and zips its imports and syntax, which a build has checked."""
    assert subject.archive is not None
    assert subject.config is not None
    file = subject.config.layout_file
    data = subject.archive.files.get(file)
    if data is None:
        return
    try:
        text = data.decode("utf-8")
        tree = ast.parse(text, filename=file)
    except (SyntaxError, ValueError):
        return  # the run of the layout reports it
    nodes = every_node(tree)
    written = _written(nodes)
    if not subject.is_bundled:
        target = replace(LAYOUT, in_zip=frozenset(name.partition("/")[0] for name in subject.archive.files))
        for one in dialect_problems(nodes, text, file, target):
            yield replace(one, place=subject.place(file, one.place.line))
    for node in nodes:
        if isinstance(node, ast.Call):
            yield from _opened(subject, file, node, written)
            yield from _client(subject, file, node)
    for name, line in _undeclared(subject, nodes):
        similar = difflib.get_close_matches(name, subject.config.spec.parameters, 1)
        remedy = f"did you mean {similar[0]}?" if similar else None
        yield NOT_DECLARED.at(subject.place(file, line), f"blueprint.cfg has no parameter {name!r}", remedy)


def undeclared_parameters(subject: Subject) -> frozenset[str]:
    """Return the parameters that the layout reads and ``blueprint.cfg`` does not declare."""
    assert subject.archive is not None
    assert subject.config is not None
    try:
        tree = ast.parse(subject.archive.files.get(subject.config.layout_file, b""))
    except (SyntaxError, ValueError):
        return frozenset()
    return frozenset(name for name, _ in _undeclared(subject, every_node(tree)))


def _undeclared(subject: Subject, nodes: Sequence[ast.AST]) -> Iterator[tuple[str, int]]:
    """Yield names and lines of ``user_params["NAME"]`` that nothing declares; those that the layout itself
    sets, or looks for with ``in``, do not count."""
    assert subject.config is not None
    functions = (node for node in nodes if isinstance(node, ast.FunctionDef))
    layout = next((one for one in functions if one.name == subject.config.layout_function), None)
    if layout is None or not layout.args.args:
        return
    parameters = layout.args.args[0].arg
    known = {*subject.config.spec.parameters, *_tested(nodes)}
    read: list[tuple[str, int]] = []
    for node in nodes:
        if isinstance(node, ast.Subscript) and getattr(node.value, "id", "") == parameters:
            name = getattr(node.slice, "value", None)
            if isinstance(name, str) and isinstance(node.ctx, ast.Load):
                read.append((name, node.lineno))
            elif isinstance(name, str):
                known.add(name)
    yield from (one for one in read if one[0] not in known)


def _tested(nodes: Sequence[ast.AST]) -> Iterator[str]:
    """Yield the texts that are compared with ``in``: their absence is expected."""
    for node in nodes:
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.NotIn)):
            name = getattr(node.left, "value", None)
            if isinstance(name, str):
                yield name


def _written(nodes: Sequence[ast.AST]) -> frozenset[str]:
    """Return the files that the layout writes itself: opened for writing, or the target of a download."""
    found: set[str] = set()
    for node in nodes:
        if not isinstance(node, ast.Call):
            continue
        named = {one.arg: one.value for one in node.keywords}
        target: ast.expr | None = None
        if getattr(node.func, "id", "") == "open" and node.args and not _reads(node):
            target = node.args[0]
        elif getattr(node.func, "attr", "") == "download_file":
            target = named.get("Filename", node.args[-1] if node.args else None)
        name = getattr(target, "value", None)
        if isinstance(name, str):
            found.add(name)
    return frozenset(found)


def _opened(subject: Subject, file: str, call: ast.Call, written: frozenset[str]) -> Iterator[Finding]:
    if getattr(call.func, "id", "") != "open" or not call.args or not _reads(call):
        return
    path = call.args[0]
    if not isinstance(path, ast.Constant) or not isinstance(path.value, str) or subject.archive is None:
        return
    name = path.value
    if name in written:
        return
    if name.startswith("/") and not name.startswith("/tmp/"):
        return
    inside = PurePosixPath(name.removeprefix("/tmp/")).as_posix()
    if inside in subject.archive.files:
        return
    similar = sorted(one for one in subject.archive.files if one.endswith(f"/{PurePosixPath(name).name}"))
    text = f"open({name!r}): the zip has no such file"
    yield OPEN_PATH.at(subject.place(file, call.lineno), text, f"write {similar[0]!r}" if similar else None)


def _reads(call: ast.Call) -> bool:
    modes = [*call.args[1:2], *(one.value for one in call.keywords if one.arg == "mode")]
    return all(isinstance(mode, ast.Constant) and "r" in str(mode.value) for mode in modes)


def _client(subject: Subject, file: str, call: ast.Call) -> Iterator[Finding]:
    function = call.func
    if not isinstance(function, ast.Attribute) or function.attr not in ("client", "resource"):
        return
    if getattr(function.value, "id", "") != "boto3" or len(call.args) > 1:
        return
    if any(one.arg in ("region_name", None) for one in call.keywords):
        return
    yield CLIENT_REGION.at(subject.place(file, call.lineno), f"boto3.{function.attr} has no region_name")
