"""Rules for the jobs that a layout describes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from glueprint.check.layout_places import LayoutPlaces
from glueprint.check.rule import error, note, warning
from glueprint.facts.findings import Finding, Place
from glueprint.facts.glue_python import SPARK_PYTHON
from glueprint.workflow.job_rules import definition_problems

Request = Mapping[str, Any]

_ENDED = ("0.9", "1.0", "2.0")

JOB_REFUSED = error(
    "job-refused",
    "CreateJob refuses the job",
    "The blueprint run is rolled back with the message of CreateJob.",
    "",
    "service model (CreateJob); docs/facts/jobs.md#capacity",
)
CAPACITY_WITH_WORKERS = error(
    "capacity-with-workers",
    "MaxCapacity together with workers",
    "CreateJob: Please do not set Max Capacity if using Worker Type and Number of Workers.",
    "keep WorkerType and NumberOfWorkers",
    "boto/boto3#2644",
)
PYTHON_VERSION = error(
    "python-version",
    "PythonVersion does not fit the job's command",
    "A Python shell job runs 3.9 only; 3 means 3.6 there, which has ended. A Spark job has the Python of its "
    "GlueVersion, and PythonVersion 3.",
    'PythonVersion "3.9" for pythonshell, "3" for glueetl and gluestreaming',
    "DG:add-job-python; service model (JobCommand)",
)
GLUE_VERSION_MISSING = warning(
    "glue-version-missing",
    "The job has no GlueVersion",
    "The default changes when AWS releases a version, and with it Spark and Python.",
    "set GlueVersion",
    "service model (CreateJob.GlueVersion)",
)
GLUE_VERSION_ENDED = error(
    "glue-version-ended",
    "The GlueVersion cannot be used any more",
    "Jobs of GlueVersion 0.9, 1.0 and 2.0 can be neither created nor started since April 2026.",
    f"one of {', '.join(version for version in SPARK_PYTHON if version not in _ENDED)}",
    "DG:glue-version-support-policy",
)
CONNECTIONS_SHAPE = error(
    "connections-shape",
    "Connections is not in the form that CreateJob takes",
    "The layout library accepts any dictionary; CreateJob accepts only a list under the key Connections.",
    'Connections={"Connections": ["name"]}',
    "service model (ConnectionsList)",
)
ARGUMENT_NAME = warning(
    "argument-without-dashes",
    "The name of an argument does not start with two dashes",
    "The script does not find it: getResolvedOptions looks for --NAME.",
    "write --NAME",
    "DG:aws-glue-api-crawler-pyspark-extensions-get-resolved-options",
)
ARGUMENT_VALUE = error(
    "argument-like-option",
    "The value of an argument starts with a dash",
    "getResolvedOptions takes it for the name of the next argument, and the job fails.",
    "let the value start with another character",
    "DG:aws-glue-api-crawler-pyspark-extensions-get-resolved-options",
)
SECRET = warning(
    "secret-in-arguments",
    "A secret in arguments or run properties",
    "Everyone who may read the job or the run sees it; Glue also writes arguments to the logs.",
    "put the secret into AWS Secrets Manager, and pass its name",
    "DG:aws-glue-programming-etl-glue-arguments",
)
MODULES_UNPINNED = warning(
    "modules-unpinned",
    "Python modules without a fixed version",
    "Each run installs the newest release: a job that worked yesterday may fail today.",
    "write module==version",
    "DG:aws-glue-programming-python-libraries",
)
SHELL_ARCHIVE = error(
    "shell-py-files",
    "A Python shell job cannot use this kind of --extra-py-files",
    "Python shell jobs take .py, .whl and .egg files; an import of a module in a .zip fails.",
    "build a wheel",
    "DG:add-job-python",
)
TIMEOUT_MISSING = note(
    "timeout-missing",
    "The job has no Timeout",
    "A job that hangs is billed for 8 hours at GlueVersion 5.0 and later, and 48 hours before.",
    "set Timeout",
    "service model (Job.Timeout)",
)
ROLE_NAME = warning(
    "role-without-arn",
    "Role is a name, not an ARN",
    "A name without a path is not found if the role has a path such as /service-role/.",
    "take a parameter of type IAMRoleArn",
    "docs/facts/jobs.md",
)
RULES = (
    JOB_REFUSED,
    CAPACITY_WITH_WORKERS,
    PYTHON_VERSION,
    GLUE_VERSION_MISSING,
    GLUE_VERSION_ENDED,
    CONNECTIONS_SHAPE,
    ARGUMENT_NAME,
    ARGUMENT_VALUE,
    SECRET,
    MODULES_UNPINNED,
    SHELL_ARCHIVE,
    TIMEOUT_MISSING,
    ROLE_NAME,
)

_SPARK = ("glueetl", "gluestreaming")
_SECRET_NAME = re.compile(r"(passw|secret|token|api_?key|private_?key|credential)", re.IGNORECASE)
_REFERENCE = re.compile(r"^(arn:|s3://|\{\{|secretsmanager|ssm:)|(_|-)?(arn|name|id|path)$", re.IGNORECASE)
_MEMBER = re.compile(r"\b(" + "|".join((
    "MaxCapacity", "AllocatedCapacity", "WorkerType", "NumberOfWorkers", "Timeout", "MaxRetries",
    "MaxConcurrentRuns", "ExecutionClass", "DefaultArguments", "NonOverridableArguments",
)) + r")\b")  # fmt: skip
_WORDS = {"Max Capacity": "MaxCapacity", "Worker Type": "WorkerType", "Command name": "Command"}


def findings(job: Request, places: LayoutPlaces) -> Iterator[Finding]:
    """Check one CreateJob request."""
    yield from _refusals(job, places)
    yield from _versions(job, places)
    yield from _arguments(job, places)
    name, command = job["Name"], job.get("Command", {})
    connections = job.get("Connections")
    if connections is not None and not _is_connections(connections):
        yield CONNECTIONS_SHAPE.at(places.of("Job", name, "Connections"), f"Connections is {connections!r}")
    if "Timeout" not in job and command.get("Name") != "gluestreaming":
        yield TIMEOUT_MISSING.at(places.of("Job", name), "no Timeout")
    if not str(job.get("Role", "")).startswith("arn:"):
        yield ROLE_NAME.at(places.of("Job", name, "Role"), f"Role is {job.get('Role')!r}")


def _is_connections(value: Any) -> bool:
    names = value.get("Connections") if isinstance(value, Mapping) and set(value) == {"Connections"} else None
    return isinstance(names, list) and all(isinstance(one, str) for one in names)


def _refusals(job: Request, places: LayoutPlaces) -> Iterator[Finding]:
    for text in definition_problems(job):
        found = _MEMBER.search(text)
        known = next((member for words, member in _WORDS.items() if words in text), "")
        member = found.group(1) if found else known
        if "Please do not set" in text:
            yield CAPACITY_WITH_WORKERS.at(places.of("Job", job["Name"], member), text)
        else:
            yield JOB_REFUSED.at(places.of("Job", job["Name"], member), text)


def _versions(job: Request, places: LayoutPlaces) -> Iterator[Finding]:
    name, command = job["Name"], job.get("Command", {})
    kind, python = command.get("Name"), command.get("PythonVersion")
    place = places.of("Job", name, "Command", "PythonVersion")
    if kind == "pythonshell" and python != "3.9":
        shown = "there is no PythonVersion" if python is None else f"PythonVersion is {python!r}"
        yield PYTHON_VERSION.at(place, f"{shown}; a Python shell job needs '3.9'")
    if kind in _SPARK and python not in (None, "3"):
        yield PYTHON_VERSION.at(place, f"PythonVersion is {python!r}; a Spark job needs '3'")
    if kind not in _SPARK:
        return
    version = job.get("GlueVersion")
    if version is None:
        yield GLUE_VERSION_MISSING.at(places.of("Job", name), "no GlueVersion")
    elif version in _ENDED:
        yield GLUE_VERSION_ENDED.at(places.of("Job", name, "GlueVersion"), f"GlueVersion {version} has ended")


def _arguments(job: Request, places: LayoutPlaces) -> Iterator[Finding]:
    for member in ("DefaultArguments", "NonOverridableArguments"):
        for argument, value in job.get(member, {}).items():
            place = places.of("Job", job["Name"], member, argument)
            yield from _argument(job, argument, str(value), place)


def _argument(job: Request, argument: str, value: str, place: Place) -> Iterator[Finding]:
    if not argument.startswith("--") and argument != "library-set":  # AWS's page has no dashes there
        yield ARGUMENT_NAME.at(place, f"the argument is named {argument!r}", f"write '--{argument.lstrip('-')}'")
    if value.startswith("-") and argument not in ("--conf", "--python-modules-installer-option"):
        yield ARGUMENT_VALUE.at(place, f"{argument} has the value {value!r}")
    if is_secret(argument, value):
        yield SECRET.at(place, f"{argument} looks like a secret, and its value is in the job's definition")
    if argument == "--additional-python-modules":
        free = [one.strip() for one in value.split(",") if one.strip() and not _is_pinned(one)]
        if free:
            yield MODULES_UNPINNED.at(place, f"not pinned: {', '.join(free)}")
    if argument == "--extra-py-files" and job.get("Command", {}).get("Name") == "pythonshell":
        zips = [one.strip() for one in value.split(",") if one.strip().endswith(".zip")]
        if zips:
            yield SHELL_ARCHIVE.at(place, f"a Python shell job cannot import from {', '.join(zips)}")


def is_secret(name: str, value: str) -> bool:
    """Whether a name is that of a secret, and its value not only the name of where the secret is."""
    plain = name.lstrip("-")
    is_reference = _REFERENCE.search(plain) or _REFERENCE.match(value)
    return bool(value and _SECRET_NAME.search(plain) and not is_reference)


def _is_pinned(module: str) -> bool:
    text = module.strip()
    return "==" in text or text.endswith((".whl", ".zip", ".tar.gz")) or " @ " in text
