"""What must come from S3 before a job's process can start."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from glueprint.runtime.parameters.given import PYTHON_SHELL, SPARK
from glueprint.runtime.parameters.merging import listed

_S3_PATH = re.compile(r"s3[an]?://(?P<bucket>[^/]+)/(?P<key>.*[^/])")
_FETCHED = {
    SPARK: ("--extra-py-files", "--extra-files", "--extra-jars", "--additional-python-modules"),
    PYTHON_SHELL: ("--extra-py-files",),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """An S3 object, and the parameter that asks for it."""

    parameter: str
    location: str


def wanted(command: str, arguments: Mapping[str, str]) -> Iterator[Wanted]:
    """The objects that the run's parameters name, each once for each parameter.

    What is no S3 path is left out; the parameter's own checks say so, or it is a module's name.
    """
    for parameter in _FETCHED.get(command, ()):
        for location in dict.fromkeys(listed(arguments.get(parameter, ""))):
            if is_object(location):
                yield Wanted(parameter, location)


def is_object(location: str) -> bool:
    """Whether this is the path of one object: Glue takes no folders
    (DG:aws-glue-programming-etl-glue-arguments)."""
    return _S3_PATH.fullmatch(location) is not None


def bucket_and_key(location: str) -> tuple[str, str] | None:
    """The parts of an object's path; None if it is none."""
    match = _S3_PATH.fullmatch(location)
    return None if match is None else (match["bucket"], match["key"])


def not_objects(parameter: str, value: str) -> Iterator[str]:
    """What is wrong with a parameter that takes nothing but S3 paths."""
    for location in listed(value):
        if not is_object(location):
            yield f"{parameter}: {location!r} is not the S3 path of a file (s3://bucket/key)"
