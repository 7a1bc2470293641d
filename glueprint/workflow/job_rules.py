"""Glue's rules for job definitions (pure; docs/facts/jobs.md#capacity; service model, ``CreateJob``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from glueprint.facts.defaults import DEFAULT_COMMAND, DEFAULT_GLUE_VERSION, SPARK_COMMANDS
from glueprint.workflow.arguments import argument_faults

_SHELL_CAPACITIES = (0.0625, 1)
_SPARK_CAPACITIES = range(2, 101)
_FIRST_FLEXIBLE = 3
"""The first major Glue version with flexible execution and with the worker type G.025X."""


def definition_problems(members: Mapping[str, Any]) -> list[str]:
    """Return every rule of Glue that a definition breaks, as text."""
    found: list[str] = []
    kind = members.get("Command", {}).get("Name", DEFAULT_COMMAND)
    if kind not in (*SPARK_COMMANDS, "pythonshell", "glueray"):
        found.append(f"Command name {kind!r} is not one of glueetl, gluestreaming, pythonshell, glueray")
    found.extend(capacity_conflicts(members))
    if kind == "pythonshell" and "WorkerType" in members:
        found.append("Worker Type is not supported for Job Command pythonshell")
    if kind in SPARK_COMMANDS and ("WorkerType" in members) != ("NumberOfWorkers" in members):
        found.append("WorkerType and NumberOfWorkers must be given together")
    found += capacity_problems(kind, members.get("GlueVersion", DEFAULT_GLUE_VERSION), members)
    if members.get("Timeout", 1) >= 10080 and kind != "gluestreaming":
        found.append("Timeout must be less than 10080 minutes (7 days)")
    if members.get("MaxRetries", 0) < 0:
        found.append("MaxRetries must not be negative")
    if members.get("ExecutionProperty", {}).get("MaxConcurrentRuns", 1) < 1:
        found.append("MaxConcurrentRuns must be at least 1")
    arguments = ("DefaultArguments", "NonOverridableArguments")
    found.extend(argument_faults({source: members.get(source, {}) for source in arguments}))
    return found


def capacity_conflicts(members: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with a capacity next to workers, in AWS's words (boto/boto3#2644)."""
    if members.get("WorkerType") is None and members.get("NumberOfWorkers") is None:
        return
    for member, words in (("MaxCapacity", "Max Capacity"), ("AllocatedCapacity", "Allocated Capacity")):
        if members.get(member) is not None:
            yield f"Please do not set {words} if using Worker Type and Number of Workers"


def capacity_problems(kind: str, glue_version: str, members: Mapping[str, Any]) -> Iterator[str]:
    """Yield every rule on capacity that a definition, or the overrides of a run, break.

    Args:
        kind: the job's command name.
        glue_version: the job's.
        members: of ``CreateJob`` or ``StartJobRun``.
    """
    for member in ("MaxCapacity", "AllocatedCapacity"):
        capacity = members.get(member)
        if capacity is None:
            continue
        if kind == "pythonshell" and member == "MaxCapacity" and capacity not in _SHELL_CAPACITIES:
            yield "MaxCapacity of a Python shell job must be 0.0625 or 1"
        if kind in SPARK_COMMANDS and capacity not in _SPARK_CAPACITIES:
            yield f"{member} of a Spark job must be a whole number from 2 to 100"
    workers = members.get("NumberOfWorkers")
    if workers is not None and workers < 1:
        yield "NumberOfWorkers must be at least 1"
    is_flexible = glue_version.partition(".")[0] not in map(str, range(_FIRST_FLEXIBLE))
    if members.get("ExecutionClass") == "FLEX" and not (kind == "glueetl" and is_flexible):
        yield "ExecutionClass FLEX requires a glueetl job of GlueVersion 3.0 or later"
    if members.get("WorkerType") == "G.025X" and not (kind == "gluestreaming" and is_flexible):
        yield "WorkerType G.025X requires a gluestreaming job of GlueVersion 3.0 or later"
