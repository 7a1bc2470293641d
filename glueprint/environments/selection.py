"""The runtime of a job. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from glueprint.environments.definitions import RUNTIMES
from glueprint.facts.defaults import DEFAULT_GLUE_VERSION

RETIRED = frozenset({"0.9", "1.0", "2.0"})
"""GlueVersions past their end of life, which AWS no longer runs (DG:glue-version-support-policy)."""
_SPARK_OF_OLDER = {"3.0": "3.1"}
"""GlueVersions that AWS still runs but that have no runtime here, and their Spark (DG:release-notes)."""
_NEAREST_OF_OLDER = ("4.0", "5.1")
_OF_VERSION = {version: runtime.name for runtime in RUNTIMES.values() for version in runtime.glue_versions}


class UnknownVersion(Exception):
    """No runtime has this GlueVersion; the message names those that can be used."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The name of a runtime, and what differs from AWS: one sentence each, for the job's error log."""

    runtime: str
    notes: tuple[str, ...] = ()


def select(
    command: str, glue_version: str | None, library_set: str | None, installed: Collection[str] = ()
) -> Selection:
    """Return the runtime that a job needs.

    Args:
        command: ``Command.Name``: ``pythonshell`` or one of Spark.
        glue_version: of a Spark job; None is what AWS fills in.
        library_set: of a Python shell job; None is ``analytics``, as on AWS (DG:add-job-python).
        installed: names of the runtimes that are there; they decide for GlueVersions without their own runtime.

    Raises:
        UnknownVersion: no runtime has this GlueVersion.
    """
    if command == "pythonshell":
        return Selection("pythonshell" if library_set == "none" else "pythonshell-analytics")
    version = glue_version or DEFAULT_GLUE_VERSION
    if name := _OF_VERSION.get(version):
        return Selection(name)
    if version not in RETIRED and version not in _SPARK_OF_OLDER:
        raise UnknownVersion(
            f"GlueVersion {version} is not supported locally: use {', '.join([*_OF_VERSION, *_SPARK_OF_OLDER])}"
        )
    runtime = RUNTIMES[next((name for name in _NEAREST_OF_OLDER if name in installed), _NEAREST_OF_OLDER[-1])]
    here = f"it runs on Spark {runtime.spark} and Python {runtime.python_version}"
    if version in RETIRED:
        note = f"AWS would refuse this: Glue {version} reached its end of life. Here {here}."
    else:
        note = f"Glue {version} has Spark {_SPARK_OF_OLDER[version]}; here {here}."
    return Selection(runtime.name, (note,))
