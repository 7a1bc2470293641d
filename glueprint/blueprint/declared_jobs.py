"""The jobs that a layout declares, as far as its text shows them: which Python will run a script.

``Job(Command={"Name": "glueetl", ...}, GlueVersion="5.0")`` is read from the layout and from the helpers that are
written into it. Values may be constants of a module. A job belongs to a script if its ``Command`` contains the
script's file name; other jobs of the same type are taken for the scripts that no job names.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from glueprint.facts.glue_python import SHELL_PYTHON, SPARK_PYTHON, Version

SPARK_COMMANDS = frozenset({"glueetl", "gluestreaming"})
SHELL_COMMAND = "pythonshell"

Nodes = Sequence[ast.AST]


@dataclass(frozen=True, slots=True)
class DeclaredJob:
    """One call of ``Job``.

    Attributes:
        command: ``Command.Name``; None if the text does not show it.
        python: the Python that will run the script; None if the text does not show it.
        scripts: file names of scripts that the ``Command`` contains.
    """

    command: str | None
    python: Version | None
    scripts: frozenset[str]


@dataclass(frozen=True, slots=True)
class DeclaredJobs:
    """What a layout declares.

    Attributes:
        jobs: its jobs.
        texts: every text constant of the layout: names of special parameters are among them.
    """

    jobs: tuple[DeclaredJob, ...] = ()
    texts: frozenset[str] = frozenset()

    def of_script(self, file_name: str) -> tuple[DeclaredJob, ...]:
        """Return the jobs that may run the script: those that name it, or else those that name none."""
        named = tuple(job for job in self.jobs if file_name in job.scripts)
        return named or tuple(job for job in self.jobs if not job.scripts)

    def mentions(self, *parameters: str) -> bool:
        """Whether the layout contains one of the parameters' names, with or without dashes."""
        return any(text.lstrip("-") in parameters for text in self.texts)


def declared_jobs(files: Iterable[Nodes]) -> DeclaredJobs:
    """Read the jobs from the nodes of a layout and of its helpers."""
    nodes = [node for one in files for node in one]
    constants = dict(_constants(nodes))
    calls = (node for node in nodes if isinstance(node, ast.Call) and _name(node.func) == "Job")
    texts = frozenset(one.value for one in nodes if isinstance(one, ast.Constant) and isinstance(one.value, str))
    return DeclaredJobs(tuple(_declared(call, constants) for call in calls), texts)


def newest_python(jobs: Iterable[DeclaredJob]) -> Version | None:
    """Return the newest Python of the jobs; None if there are no jobs, or one's Python is not known."""
    versions = [job.python for job in jobs]
    known = [version for version in versions if version is not None]
    return max(known) if known and len(known) == len(versions) else None


def _constants(nodes: Nodes) -> Iterator[tuple[str, ast.expr]]:
    """Yield the names that are assigned in the files, with the expression: the last one counts."""
    for node in nodes:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value


def _declared(call: ast.Call, constants: Mapping[str, ast.expr]) -> DeclaredJob:
    given = {one.arg: one.value for one in call.keywords if one.arg is not None}
    command = _resolved(given.get("Command"), constants)
    members: dict[str, ast.expr] = {}
    if isinstance(command, ast.Dict):
        members = {
            key.value: value
            for key, value in zip(command.keys, command.values, strict=True)
            if isinstance(key, ast.Constant) and isinstance(key.value, str)
        }
    name = _text(members.get("Name"), constants)
    python = None
    if name == SHELL_COMMAND:
        python = SHELL_PYTHON
    elif name in SPARK_COMMANDS:
        python = SPARK_PYTHON.get(_text(given.get("GlueVersion"), constants) or "")
    return DeclaredJob(name, python, frozenset(_scripts(members.get("ScriptLocation"), constants)))


def _scripts(location: ast.expr | None, constants: Mapping[str, ast.expr]) -> Iterator[str]:
    """Yield file names of Python files in the texts of an expression, also through one assigned name."""
    if location is None:
        return
    parts = list(ast.walk(location))
    used = (constants.get(part.id) for part in parts if isinstance(part, ast.Name))
    for part in [*parts, *(inner for one in used if one is not None for inner in ast.walk(one))]:
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value.endswith(".py"):
            yield part.value.rpartition("/")[2]


def _resolved(value: ast.expr | None, constants: Mapping[str, ast.expr]) -> ast.expr | None:
    return constants.get(value.id) if isinstance(value, ast.Name) else value


def _text(value: ast.expr | None, constants: Mapping[str, ast.expr]) -> str | None:
    found = _resolved(value, constants)
    return found.value if isinstance(found, ast.Constant) and isinstance(found.value, str) else None


def _name(function: ast.expr) -> str:
    name: str = getattr(function, "id", getattr(function, "attr", ""))
    return name
