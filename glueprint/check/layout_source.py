"""Rules for the text of a layout: files that it opens, clients that it makes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from glueprint.blueprint.dialect import LAYOUT, dialect_problems
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
RULES = (OPEN_PATH, CLIENT_REGION)


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
    nodes = list(ast.walk(tree))
    if not subject.is_bundled:
        target = replace(LAYOUT, in_zip=frozenset(name.partition("/")[0] for name in subject.archive.files))
        for one in dialect_problems(nodes, text, file, target):
            yield replace(one, place=subject.place(file, one.place.line))
    for node in nodes:
        if isinstance(node, ast.Call):
            yield from _opened(subject, file, node)
            yield from _client(subject, file, node)


def _opened(subject: Subject, file: str, call: ast.Call) -> Iterator[Finding]:
    if getattr(call.func, "id", "") != "open" or not call.args or not _reads(call):
        return
    path = call.args[0]
    if not isinstance(path, ast.Constant) or not isinstance(path.value, str) or subject.archive is None:
        return
    name = path.value
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
