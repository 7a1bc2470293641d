"""Rules for what scripts import and use: modules, JARs, job bookmarks."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from glueprint.blueprint.declared_jobs import SHELL_COMMAND, SPARK_COMMANDS
from glueprint.blueprint.dialect import CodeKind, Target, dialect_problems
from glueprint.check.layout_places import LayoutPlaces
from glueprint.check.rule import error, warning
from glueprint.check.scripts import Script
from glueprint.check.subject import Subject
from glueprint.facts.findings import Finding
from glueprint.facts.glue_python import SHELL_PYTHON, SPARK_PYTHON

JAR_MISSING = error(
    "jar-missing",
    "The script needs a JAR that the job does not get",
    "Spark ends the job with ClassNotFoundException, or cannot find the data source.",
    "",
    "DG:aws-glue-programming-etl-datalake-native-frameworks",
)
BOOKMARK_NOT_COMMITTED = warning(
    "bookmark-not-committed",
    "Job bookmarks are enabled, and the script does not commit them",
    "The bookmark never moves: every run reads everything again.",
    "call job.init(...) at the start and job.commit() at the end",
    "DG:programming-etl-connect-bookmarks",
)
BOOKMARK_WITHOUT_CONTEXT = warning(
    "bookmark-without-context",
    "Job bookmarks are enabled, and no source has a transformation_ctx",
    "Glue keeps a bookmark per transformation_ctx: without one, everything is read again.",
    "pass transformation_ctx to each source",
    "DG:programming-etl-connect-bookmarks",
)
BOOKMARK_CONCURRENCY = warning(
    "bookmark-concurrency",
    "Job bookmarks with concurrent runs",
    "Runs at the same time read the same input and overwrite one another's bookmark.",
    'ExecutionProperty={"MaxConcurrentRuns": 1}',
    "DG:monitor-continuations (bookmarks require MaxConcurrentRuns 1)",
)
SPARK_EXIT = warning(
    "spark-exit",
    "The script of a Spark job ends itself with sys.exit()",
    "Glue reports such a run as FAILED, also for the status 0 (`SystemExit: 0`).",
    "let the script reach its end: put it into a function, return early from it, then call job.commit()",
    "docs/fidelity/runtime.md; public reports of runs on AWS (SYSTEM_EXIT_ERROR)",
)
RULES = (SPARK_EXIT, JAR_MISSING, BOOKMARK_NOT_COMMITTED, BOOKMARK_WITHOUT_CONTEXT, BOOKMARK_CONCURRENCY)

_EXITS = ("sys.exit", "exit", "quit", "SystemExit")
_LAKE_FORMATS = {"iceberg": "iceberg", "delta": "delta", "hudi": "hudi", "org.apache.hudi": "hudi"}
_DRIVERS = re.compile(r"(com|org|net|oracle|io)\.[\w.]*(Driver|jdbc)[\w.]*")
_PROVIDED_DRIVERS = ("com.amazon.", "com.microsoft.sqlserver", "com.mysql", "oracle.jdbc", "org.postgresql")
_BRING_JAR = "add the JAR's location to --extra-jars"


def findings(subject: Subject, script: Script, places: LayoutPlaces) -> Iterator[Finding]:
    """Check one script for each of its jobs."""
    if not subject.is_bundled:
        for job in script.jobs:
            for one in dialect_problems(script.nodes, script.text, script.file, _target(job)):
                yield replace(one, place=subject.place(script.file, one.place.line))
    if any(job.get("Command", {}).get("Name") in SPARK_COMMANDS for job in script.jobs):
        yield from _exits(subject, script)
    for job in script.jobs:
        yield from _jars(subject, script, job)
        if job.get("DefaultArguments", {}).get("--job-bookmark-option") == "job-bookmark-enable":
            yield from _bookmarks(subject, script, job, places)


def _target(job: Mapping[str, Any]) -> Target:
    arguments = job.get("DefaultArguments", {})
    is_shell = job.get("Command", {}).get("Name") == SHELL_COMMAND
    return Target(
        CodeKind.PYTHON_SHELL if is_shell else CodeKind.SPARK,
        SHELL_PYTHON if is_shell else SPARK_PYTHON.get(str(job.get("GlueVersion"))),
        is_certain=True,
        installs=any(name in arguments for name in ("--additional-python-modules", "--extra-py-files")),
        has_library_set="--library-set" in arguments or "library-set" in arguments,
    )


def _exits(subject: Subject, script: Script) -> Iterator[Finding]:
    """Yield calls that end the script without an error: those with another status are meant to fail the run."""
    for node in script.nodes:
        if not isinstance(node, ast.Call) or ast.unparse(node.func) not in _EXITS:
            continue
        status = node.args[0] if node.args else ast.Constant(None)
        if isinstance(status, ast.Call) or (isinstance(status, ast.Constant) and status.value in (None, 0)):
            yield SPARK_EXIT.at(subject.place(script.file, node.lineno), f"{ast.unparse(node)} fails the run")


def _jars(subject: Subject, script: Script, job: Mapping[str, Any]) -> Iterator[Finding]:
    arguments = job.get("DefaultArguments", {})
    if "--extra-jars" in arguments or job.get("Connections"):
        return
    formats = str(arguments.get("--datalake-formats", "")).split(",")
    for line, text in _formats(script):
        needed = _LAKE_FORMATS.get(text)
        if needed and needed not in formats:
            message = f"format {text!r} needs the libraries of {needed}"
            remedy = f'add "--datalake-formats": "{needed}" to the job\'s DefaultArguments'
            yield JAR_MISSING.at(subject.place(script.file, line), message, remedy)
    for node in script.nodes:
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        if _DRIVERS.fullmatch(node.value) and not node.value.startswith(_PROVIDED_DRIVERS):
            message = f"Glue does not provide the driver {node.value}"
            yield JAR_MISSING.at(subject.place(script.file, node.lineno), message, _BRING_JAR)


def _formats(script: Script) -> Iterator[tuple[int, str]]:
    """Yield the names of data sources, with their lines."""
    for node in script.nodes:
        if not isinstance(node, ast.Call):
            continue
        if getattr(node.func, "attr", "") == "format" and isinstance(node.func, ast.Attribute):
            # "{}".format(...) of a text is not a data source.
            values = [] if isinstance(node.func.value, ast.Constant) else list(node.args)
        else:
            values = [one.value for one in node.keywords if one.arg in ("format", "connection_type")]
        for value in values:
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield value.lineno, value.value.lower()


def _bookmarks(
    subject: Subject, script: Script, job: Mapping[str, Any], places: LayoutPlaces
) -> Iterator[Finding]:
    place = places.of("Job", job["Name"], "DefaultArguments", "--job-bookmark-option")
    calls = [node for node in script.nodes if isinstance(node, ast.Call)]
    if not any(getattr(call.func, "attr", "") == "commit" for call in calls):
        yield BOOKMARK_NOT_COMMITTED.at(place, f"{subject.place(script.file).path} never calls job.commit()")
    elif not any(one.arg == "transformation_ctx" for call in calls for one in call.keywords):
        text = f"{subject.place(script.file).path} has no transformation_ctx"
        yield BOOKMARK_WITHOUT_CONTEXT.at(place, text)
    if job.get("ExecutionProperty", {}).get("MaxConcurrentRuns", 1) > 1:
        here = places.of("Job", job["Name"], "ExecutionProperty")
        yield BOOKMARK_CONCURRENCY.at(here, "MaxConcurrentRuns is above 1")
