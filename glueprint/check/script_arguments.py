"""Rules for the arguments of scripts: what a script reads with getResolvedOptions, and what its jobs get."""

from __future__ import annotations

import ast
import functools
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from glueprint.blueprint.dialect import every_node
from glueprint.check.layout_places import LayoutPlaces
from glueprint.check.rule import error, warning
from glueprint.check.scripts import Script
from glueprint.check.subject import Subject
from glueprint.facts.findings import Finding

ARGUMENT_NOT_PASSED = error(
    "argument-not-passed",
    "The script requires an argument that the job does not get",
    "getResolvedOptions ends the script: the following arguments are required.",
    "add it to the job's DefaultArguments, or do not require it",
    "DG:aws-glue-api-crawler-pyspark-extensions-get-resolved-options",
)
ARGUMENT_NOT_READ = warning(
    "argument-not-read",
    "The job gets an argument that the script does not read",
    "The value has no effect; often the name is misspelt on one side.",
    "read it in the script, or remove it from the job",
    "DG:aws-glue-api-crawler-pyspark-extensions-get-resolved-options",
)
RULES = (ARGUMENT_NOT_PASSED, ARGUMENT_NOT_READ)

_OF_WORKFLOW = frozenset({"WORKFLOW_NAME", "WORKFLOW_RUN_ID"})
_OF_SPARK = frozenset({"JOB_NAME", "JOB_RUN_ID", "JOB_ID", "TempDir"})
_READER = "getResolvedOptions"


@dataclass(frozen=True, slots=True)
class _Names:
    """Names in an expression, each with its line; whether all of them are known, and which may be absent."""

    required: Mapping[str, int]
    optional: frozenset[str]
    is_complete: bool = True


def findings(subject: Subject, script: Script, places: LayoutPlaces, special: frozenset[str]) -> Iterator[Finding]:
    """Compare what a script reads with the arguments of each of its jobs.

    Args:
        special: Glue's own parameters, with dashes: a script need not read them.
    """
    names = _names_read(script.nodes)
    if names is None:
        return
    for job in script.jobs:
        given = {name[2:]: member for member in _MEMBERS for name in job.get(member, {}) if name.startswith("--")}
        read = {*names.required, *names.optional}
        of_glue = _OF_WORKFLOW | (_OF_SPARK if job["Command"].get("Name") != "pythonshell" else {"TempDir"})
        for name, line in sorted(names.required.items()):
            if name in given or name in of_glue or any(_stands_for(one, name, read, job) for one in given):
                continue
            text = f"{name!r} is required, and job {_plain(job)} does not get --{name}"
            remedy = "a Python shell job does not get it from Glue; pass it" if name in _OF_SPARK else None
            yield ARGUMENT_NOT_PASSED.at(subject.place(script.file, line), text, remedy)
        if not names.is_complete:
            continue
        mentioned = frozenset(_mentioned(script.nodes))
        for name, member in given.items():
            if name in read or name in mentioned or f"--{name}" in special:
                continue
            if not any(_stands_for(name, one, read, job) for one in read):
                place = places.of("Job", job["Name"], member, f"--{name}")
                yield ARGUMENT_NOT_READ.at(place, f"{script.file} does not read --{name}")


_MEMBERS = ("DefaultArguments", "NonOverridableArguments")


def _mentioned(nodes: Sequence[ast.AST]) -> Iterator[str]:
    """Yield the arguments that the script mentions with their dashes, such as ``"--name" in sys.argv``."""
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("--"):
            yield node.value[2:]


def _stands_for(short: str, name: str, read: Collection[str], job: Mapping[str, Any]) -> bool:
    """Whether argparse takes the argument for a name: the start of this one only, before Glue 6.0
    (docs/fidelity/runtime.md, "Abbreviated argument names")."""
    if not name.startswith(short) or str(job.get("GlueVersion", "")).startswith("6"):
        return False
    return sum(one.startswith(short) for one in read) == 1


def _plain(job: Mapping[str, Any]) -> str:
    return str(job["Name"]).removesuffix("_check")


def _names_read(nodes: Sequence[ast.AST]) -> _Names | None:
    """Return the names that are read; None if the script reads none in this way."""
    reader = _Reader(nodes)
    calls = [call for call in reader.calls if _called(call) == _READER and len(call.args) == 2]
    if not calls:
        return None
    required: dict[str, int] = {}
    optional: set[str] = set()
    is_complete = not reader.uses_arguments_otherwise
    for call in calls:
        names = reader.names(call.args[1], call.lineno)
        is_complete &= names.is_complete
        optional |= names.optional
        if id(call) in reader.conditional:
            optional |= set(names.required)
        else:
            required.update(names.required)
    return _Names(required, frozenset(optional), is_complete)


class _Reader:
    """Follows names through the constants, functions and comprehensions of one script."""

    def __init__(self, nodes: Sequence[ast.AST]) -> None:
        self.calls = [node for node in nodes if isinstance(node, ast.Call)]
        self.conditional = _below_conditions(nodes)
        self.uses_arguments_otherwise = any(
            _called(call) in ("ArgumentParser", "parse_args", "parse_known_args") for call in self.calls
        )
        self._nodes = nodes
        self._assigned: dict[str, ast.expr] = {}
        for node in nodes:
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                self._assigned[node.targets[0].id] = node.value
            elif isinstance(node, ast.AnnAssign) and node.value and isinstance(node.target, ast.Name):
                self._assigned[node.target.id] = node.value

    @functools.cached_property
    def _below_if(self) -> frozenset[int]:
        """The nodes below an ``if``."""
        conditions = (node for node in self._nodes if isinstance(node, ast.If))
        return frozenset(id(inner) for node in conditions for inner in every_node(node))

    @functools.cached_property
    def _functions(self) -> Sequence[ast.FunctionDef]:
        """The functions, outer before inner."""
        return [node for node in self._nodes if isinstance(node, ast.FunctionDef)]

    def _function_of(self, name: ast.Name) -> ast.FunctionDef | None:
        """Return the outermost function around a name, with its head."""
        around = (one for one in self._functions if one.lineno <= name.lineno <= (one.end_lineno or one.lineno))
        return next(around, None)

    def names(self, value: ast.expr, line: int, depth: int = 0) -> _Names:
        """Return the names in an expression: lists, sums of lists, constants, parameters of functions."""
        if depth > 6:
            return _Names({}, frozenset(), is_complete=False)
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            return _Names({value.value: value.lineno}, frozenset())
        if isinstance(value, (ast.List, ast.Tuple, ast.Set)):
            return _joined(self.names(one, line, depth + 1) for one in value.elts)
        if isinstance(value, ast.Starred):
            return self.names(value.value, line, depth + 1)
        if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
            return _joined(self.names(one, line, depth + 1) for one in (value.left, value.right))
        if isinstance(value, ast.Call) and _called(value) in ("list", "tuple", "sorted", "set") and value.args:
            return self.names(value.args[0], line, depth + 1)
        if isinstance(value, (ast.ListComp, ast.GeneratorExp, ast.SetComp)):
            return _all_optional(self.names(value.generators[0].iter, line, depth + 1))
        if isinstance(value, ast.Name):
            return self._of_name(value, depth)
        return _Names({}, frozenset(), is_complete=False)

    def _of_name(self, name: ast.Name, depth: int) -> _Names:
        function = self._function_of(name)
        if function is not None and name.id in _parameters(function):
            return self._of_parameter(function, name.id, depth)
        if name.id in self._assigned:
            assigned = self.names(self._assigned[name.id], name.lineno, depth + 1)
            return _joined([assigned, *self._added(name.id, depth)])
        return _Names({}, frozenset(), is_complete=False)

    def _added(self, name: str, depth: int) -> Iterator[_Names]:
        """Yield what ``name.append(...)`` and ``name.extend(...)`` add: optional below an ``if``."""
        for call in self.calls:
            function = call.func
            if not isinstance(function, ast.Attribute) or function.attr not in ("append", "extend"):
                continue
            if getattr(function.value, "id", "") == name and call.args:
                added = self.names(call.args[0], call.lineno, depth + 1)
                yield _all_optional(added) if id(call) in self._below_if else added

    def _of_parameter(self, function: ast.FunctionDef, parameter: str, depth: int) -> _Names:
        position = _parameters(function).index(parameter)
        found = []
        for call in self.calls:
            if _called(call) != function.name:
                continue
            by_name = [one.value for one in call.keywords if one.arg == parameter]
            values = by_name or ([call.args[position]] if position < len(call.args) else [])
            found += [self.names(value, call.lineno, depth + 1) for value in values]
        return _joined(found)


def _joined(parts: Any) -> _Names:
    required: dict[str, int] = {}
    optional: frozenset[str] = frozenset()
    is_complete = True
    for part in parts:
        required.update(part.required)
        optional |= part.optional
        is_complete &= part.is_complete
    return _Names(required, optional, is_complete)


def _all_optional(names: _Names) -> _Names:
    return _Names({}, names.optional | set(names.required), names.is_complete)


def _below_conditions(nodes: Sequence[ast.AST]) -> frozenset[int]:
    """Return the calls in branches that depend on the arguments: their names are optional."""
    found: set[int] = set()
    for node in nodes:
        if isinstance(node, (ast.If, ast.IfExp)) and "argv" in ast.dump(node.test):
            inside = every_node(node)
            found.update(id(one) for one in inside if isinstance(one, ast.Call))
        elif isinstance(node, ast.Try):
            found.update(id(one) for part in node.body for one in every_node(part) if isinstance(one, ast.Call))
    return frozenset(found)


def _called(call: ast.Call) -> str:
    name: str = getattr(call.func, "id", getattr(call.func, "attr", ""))
    return name


def _parameters(function: ast.FunctionDef) -> list[str]:
    return [one.arg for one in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]
