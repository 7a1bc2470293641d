"""``--conf``: Spark properties, several of them in one value: ``k=v --conf k2=v2``."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from glueprint.runtime.parameters.arguments import RunArguments

PARAMETER = "--conf"
_BETWEEN = re.compile(r"\s+--conf[\s=]+")
_MACHINE_PROPERTIES = re.compile(
    r"spark\.(master|submit\..*|driver\.(host|bindAddress|port|cores|memory.*)|executor\.(cores|memory.*|instances)"
    r"|dynamicAllocation\..*|app\.name|local\.dir|authenticate(\..*)?)"
)
"""Where Spark runs, how much of the machine it takes and who reaches it: here that is derived from the machine."""
_S3_PROPERTIES = re.compile(r"spark\.hadoop\.fs\.(s3[an]?|viewfs)\..*")
"""How paths are read: here buckets are directories, and credentials or endpoints of S3 have no effect."""
_PATH_PROPERTIES = re.compile(r"spark\.(driver|executor)\.extra(ClassPath|LibraryPath)")
"""Paths of files on Glue's machines."""
_JAVA_OPTIONS = re.compile(r"spark\.(driver|executor)\.(extra|default)JavaOptions")
_EFFECTIVE_OPTION = re.compile(r"-D.*|-XX:TieredStopAtLevel=[1-4]", re.DOTALL)
"""System properties, and how far Java compiles: 1 starts quickly, which is the default here; 4, as in Glue, makes
long work in Spark's JVM faster."""


@dataclass(frozen=True, slots=True)
class SparkConf:
    """Properties to set, and notes about those that are not set.

    ``java_options`` are options for the JVM, which is driver and executor in one: ``_EFFECTIVE_OPTION``.
    """

    properties: Mapping[str, str]
    notes: tuple[str, ...] = ()
    java_options: tuple[str, ...] = ()


def spark_conf(run: RunArguments) -> SparkConf:
    """Return the properties of ``--conf``; the last value of each counts, as in spark-submit."""
    pairs = _pairs(run)
    dropped = {
        **{name: "Spark accepts only names with the prefix spark" for name in pairs if not _is_spark_name(name)},
        **{name: "it is derived from the machine here" for name in pairs if _MACHINE_PROPERTIES.fullmatch(name)},
        **{name: "buckets are local directories" for name in pairs if _S3_PROPERTIES.fullmatch(name)},
        **{name: "use --extra-jars for JARs" for name in pairs if _PATH_PROPERTIES.fullmatch(name)},
    }
    notes = [f"{PARAMETER} {name} has no effect: {reason}." for name, reason in dropped.items()]
    options = [
        (name, option)
        for name, value in pairs.items()
        if _JAVA_OPTIONS.fullmatch(name)
        for option in _java_options(value) or ()
    ]
    notes += [
        f"{PARAMETER} {name}: {option} has no effect: how Java runs is derived from the machine here, only system "
        "properties (-Dname=value) and -XX:TieredStopAtLevel count."
        for name, option in options
        if not _EFFECTIVE_OPTION.fullmatch(option)
    ]
    return SparkConf(
        {name: value for name, value in pairs.items() if name not in dropped},
        tuple(notes),
        tuple(option for _, option in options if _EFFECTIVE_OPTION.fullmatch(option)),
    )


def problems(run: RunArguments) -> Iterator[str]:
    """Return entries that are not ``key=value`` and quotes that are not closed: Spark would fail at its start."""
    for entry in _entries(run.value(PARAMETER)):
        if "=" not in entry:
            yield f"{PARAMETER}: {entry!r} is not NAME=VALUE; several are written k=v --conf k2=v2"
    for name, value in _pairs(run).items():
        if _JAVA_OPTIONS.fullmatch(name) and _java_options(value) is None:
            yield f"{PARAMETER}: {name} has a quote that is not closed: {value}"


def _is_spark_name(name: str) -> bool:
    return name.startswith("spark.")


def _java_options(value: str) -> list[str] | None:
    """Return the options in a value, as Spark's launcher splits them; None if a quote is not closed."""
    try:
        return shlex.split(value)
    except ValueError:
        return None


def _pairs(run: RunArguments) -> dict[str, str]:
    return dict(_split(entry) for entry in _entries(run.value(PARAMETER)) if "=" in entry)


def _entries(value: str) -> list[str]:
    text = value.strip().removeprefix("--conf ").strip()
    return [entry.strip() for entry in _BETWEEN.split(text)] if text else []


def _split(entry: str) -> tuple[str, str]:
    name, _, value = entry.partition("=")
    return name.strip(), value.strip()
