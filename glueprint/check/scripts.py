"""The scripts of a blueprint's jobs: which file of the zip each job runs."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from glueprint.blueprint.dialect import every_node
from glueprint.check.layout_run import LayoutRun
from glueprint.check.rule import error, warning
from glueprint.check.subject import Subject
from glueprint.facts.findings import Finding

Request = Mapping[str, Any]

SCRIPT_MISSING = warning(
    "script-not-uploaded",
    "The layout does not upload the script of a job",
    "The job fails at its start if the script is not in S3 by then.",
    "upload the file of the zip to the ScriptLocation, or make sure that it is there",
    "DG:developing-blueprints-code-layout",
)
SCRIPT_SYNTAX = error(
    "script-syntax",
    "The script is not valid Python",
    "The job fails at its start.",
    "",
    "the Python language reference",
)
RULES = (SCRIPT_MISSING, SCRIPT_SYNTAX)


@dataclass(frozen=True, slots=True)
class Script:
    """A script and the jobs that run it.

    Attributes:
        file: in the zip.
        text: its content.
        nodes: every node of its syntax tree.
        jobs: the CreateJob requests.
    """

    file: str
    text: str
    nodes: Sequence[ast.AST]
    jobs: tuple[Request, ...]


def find_scripts(subject: Subject, run: LayoutRun) -> tuple[list[Script], list[Finding]]:
    """Return the scripts that jobs run, and jobs whose script is not in the zip or cannot be read."""
    jobs: dict[str, list[Request]] = {}
    found: list[Finding] = []
    for job in run.result.requests.jobs:
        location = str(job.get("Command", {}).get("ScriptLocation", ""))
        file = _file(subject, run, location)
        if file is None:
            place = run.places.of("Job", job["Name"], "Command", "ScriptLocation")
            found.append(SCRIPT_MISSING.at(place, f"nothing in the zip is uploaded to {location or '(empty)'}"))
        else:
            jobs.setdefault(file, []).append(job)
    scripts = []
    for file, of_file in sorted(jobs.items()):
        try:
            text, nodes = _parsed(subject, file)
        except SyntaxError as failure:
            text = f"{failure.msg} (checked with this Python)"
            found.append(SCRIPT_SYNTAX.at(subject.place(file, failure.lineno or 1), text))
        except ValueError as failure:
            found.append(SCRIPT_SYNTAX.at(subject.place(file, 1), f"not Python in UTF-8: {failure}"))
        else:
            scripts.append(Script(file, text, nodes, tuple(of_file)))
    return scripts, found


def _parsed(subject: Subject, file: str) -> tuple[str, list[ast.AST]]:
    assert subject.archive is not None
    text = subject.archive.files[file].decode("utf-8-sig")
    return text, every_node(ast.parse(text, filename=file))


def _file(subject: Subject, run: LayoutRun, location: str) -> str | None:
    """Return the file of the zip with the content that the layout uploaded to the location."""
    assert subject.archive is not None
    bucket, _, key = location.removeprefix("s3://").partition("/")
    body = run.account.objects.get((bucket, key))
    if body is None:
        return None
    name = key.rpartition("/")[2]
    same = [file for file, content in subject.archive.files.items() if content == body]
    return next(_by_name(same, name), None)


def _by_name(files: list[str], name: str) -> Iterator[str]:
    yield from sorted(files, key=lambda file: not file.endswith(f"/{name}"))
